import {constants} from 'node:os'
import {expect, test} from 'vitest'
import {exitCodeOf, hostLabel, urlVariable} from '../../src/model/dyno.ts'

test.for([
  ['shop', 'shop'],
  ['My App', 'my-app'],
  ['--x__y--', 'x-y'],
  ['été', 't'],
  ['日本', 'app'],
  ['', 'app'],
  ['a'.repeat(60), 'a'.repeat(40)],
  [`${'a'.repeat(39)}-b`, 'a'.repeat(39)],
] as const)('the host label of %j is %j', ([name, label]) => {
  expect(hostLabel(name)).toBe(label)
})

test.for([
  [{exitCode: 0}, 0],
  [{exitCode: 42}, 42],
  [{signal: 'SIGKILL'}, 137],
  [{signal: 'SIGTERM'}, 143],
] as const)('%j is exit code %i', ([end, code]) => {
  expect(exitCodeOf(end, constants.signals)).toBe(code)
})

test('other types are named by variables', () => {
  expect(urlVariable('web-api')).toBe('HOMEPORT_URL_WEB_API')
})
