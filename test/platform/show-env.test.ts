import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {showEnv} from '../../src/platform/show-env.ts'
import {test} from '../support/temp-folder.ts'

test('needs no Procfile', ({folder}) => {
  writeFileSync(join(folder, '.env'), 'A=1\n')
  const {variables} = showEnv(folder, {shellEnv: {HOME: '/me'}})
  expect(variables.map(({name, source}) => `${name} ${source}`)).toEqual([
    'A file',
    'DYNO platform',
    'HOME shell',
    'PORT platform',
    'PS platform',
    'PYTHONUNBUFFERED platform',
  ])
})

test('with one, the addresses of the other types are there', ({folder}) => {
  writeFileSync(join(folder, 'Procfile'), 'web: x\nweb-api: y\n')
  expect(showEnv(folder, {shellEnv: {}}).variables.map(({name}) => name)).toContain('HOMEPORT_URL_WEB_API')
})

test('a Procfile that cannot be read is no matter here', ({folder}) => {
  mkdirSync(join(folder, 'Procfile'))
  expect(showEnv(folder, {shellEnv: {}, name: 'DYNO'}).variables).toMatchObject([{value: 'web.1'}])
})

test('one variable alone, and one that is not set: exit 2', ({folder}) => {
  writeFileSync(join(folder, '.env'), 'A=1\nB=2\n')
  expect(showEnv(folder, {shellEnv: {}, name: 'B'}).variables).toMatchObject([{name: 'B', place: {file: '.env', line: 2}}])
  expect(() => showEnv(folder, {shellEnv: {}, name: 'NOPE'})).toThrow(
    expect.objectContaining({code: 'USAGE', exitCode: 2, message: 'NOPE is not set.'}),
  )
})

test('warnings of the .env files come along', ({folder}) => {
  writeFileSync(join(folder, '.env'), 'oops\n')
  expect(showEnv(folder, {shellEnv: {}}).warnings).toMatchObject([{file: '.env', line: 1, severity: 'warning'}])
})
