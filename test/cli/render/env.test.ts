import {expect, test} from 'vitest'
import {envDocument, renderEnv} from '../../../src/cli/render/env.ts'
import type {ShownVariable} from '../../../src/model/shown-env.ts'

const variables: readonly ShownVariable[] = [
  {
    name: 'A',
    value: 'geheim',
    source: 'file',
    place: {file: '.env', line: 3, column: 1},
    overridden: ['the shell', {file: 'a.env', line: 1, column: 1}],
  },
  {name: 'B', value: '', source: 'shell', overridden: []},
  {name: 'C', value: 'a\n\u001b[2J', source: 'file', place: {file: '--env-var'}, overridden: []},
  {name: 'PORT', source: 'platform', overridden: [{file: '.env', line: 9, column: 1}]},
]

test('values are masked, all alike', () => {
  expect(renderEnv(variables, {show: false})).toBe(
    [
      'A=********                 .env:3, over the shell, a.env:1',
      'B=(empty)                  the shell',
      'C=********                 --env-var',
      'PORT=(given at the start)  Homeport, over .env:9',
      '',
    ].join('\n'),
  )
})

test('with --show they are not, but cannot steer the terminal', () => {
  expect(renderEnv(variables, {show: true})).toBe(
    [
      'A=geheim                   .env:3, over the shell, a.env:1',
      'B=                         the shell',
      'C="a\\n\\u001b[2J"           --env-var',
      'PORT=(given at the start)  Homeport, over .env:9',
      '',
    ].join('\n'),
  )
})

test('the document has the keys of the contract; values are null unless shown', () => {
  expect(envDocument(variables, {show: false})).toEqual({
    A: {value: null, source: 'file', file: '.env', line: 3},
    B: {value: null, source: 'shell'},
    C: {value: null, source: 'file', file: '--env-var'},
    PORT: {value: null, source: 'platform'},
  })
  expect(envDocument(variables, {show: true})).toMatchObject({A: {value: 'geheim'}, B: {value: ''}, PORT: {value: null}})
})
