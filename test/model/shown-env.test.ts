import {expect, test} from 'vitest'
import {mergeEnvFiles} from '../../src/model/config-vars.ts'
import {readEnvFile} from '../../src/model/env-file.ts'
import {shownEnv} from '../../src/model/shown-env.ts'

const types = new Map([
  ['worker', 'w'],
  ['web', 'x'],
  ['release', 'r'],
])
const files = [readEnvFile(Buffer.from('A=1\nPORT=7000'), '.env'), readEnvFile(Buffer.from('A=2\nB=3'), 'b.env')]
const {configVars} = mergeEnvFiles(files)
const variables = shownEnv({shellEnv: {A: 'shell', C: 'c', DYNO: 'old', NONE: undefined}, configVars, types})

test('each variable tells where it comes from, and what it beats', () => {
  const a1 = {file: '.env', line: 1, column: 1}
  expect(variables).toEqual([
    {name: 'A', value: '2', source: 'file', place: {file: 'b.env', line: 1, column: 1}, overridden: ['the shell', a1]},
    {name: 'B', value: '3', source: 'file', place: {file: 'b.env', line: 2, column: 1}, overridden: []},
    {name: 'C', value: 'c', source: 'shell', overridden: []},
    {name: 'DYNO', value: 'web.1', source: 'platform', overridden: ['the shell']},
    {name: 'HOMEPORT_URL_WORKER', source: 'platform', overridden: []},
    {name: 'PORT', source: 'platform', overridden: [{file: '.env', line: 2, column: 1}]},
    {name: 'PS', value: 'web.1', source: 'platform', overridden: []},
    {name: 'PYTHONUNBUFFERED', value: '1', source: 'platform', overridden: []},
  ])
})

test('without a Procfile it is a dyno of web, without web one of the first type', () => {
  const dyno = (declared: ReadonlyMap<string, string>) =>
    shownEnv({shellEnv: {}, configVars: new Map(), types: declared}).find(({name}) => name === 'DYNO')?.value
  expect([dyno(new Map()), dyno(new Map([['clock', 'c']]))]).toEqual(['web.1', 'clock.1'])
})

test('PYTHONUNBUFFERED of the user stays', () => {
  const shown = shownEnv({shellEnv: {PYTHONUNBUFFERED: ''}, configVars: new Map(), types})
  expect(shown.find(({name}) => name === 'PYTHONUNBUFFERED')).toMatchObject({value: '', source: 'shell'})
})
