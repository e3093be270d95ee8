import {expect, test} from 'vitest'
import {parseAppJson} from '../../src/model/parse-app-json.ts'
import {placesOf} from '../support/peer-cases.ts'

function read(checks: unknown) {
  const {appJson, problems} = parseAppJson(Buffer.from(JSON.stringify({healthchecks: {web: checks}})))
  return {checks: appJson.healthchecks.get('web'), problems: placesOf(problems)}
}

const defaults = {type: 'startup', path: '/', attempts: 3, timeoutSeconds: 5, waitSeconds: 5}

test.for<[name: string, given: unknown, check: unknown]>([
  ['nothing but its defaults', {}, defaults],
  [
    'all keys',
    {type: 'readiness', name: 'n', path: '/x', content: 'c', attempts: 1, timeout: 2, wait: 0},
    {type: 'readiness', name: 'n', path: '/x', content: 'c', attempts: 1, timeoutSeconds: 2, waitSeconds: 0},
  ],
])('a check of %s', ([, given, check]) => {
  expect(read([given])).toEqual({checks: [check], problems: []})
})

test.for<[name: string, given: unknown, problem: string]>([
  ['a command is not made', {command: ['x']}, 'note 1:25 check-not-made'],
  ['an uptime is not made', {type: 'startup', uptime: 3}, 'note 1:25 check-not-made'],
  ['an unknown type is an error', {type: 'sometimes'}, 'error 1:33 unknown-check-type'],
  ['text is an error', 'x', 'error 1:25 wrong-type'],
])('a check by %s', ([, given, problem]) => {
  expect(read([given])).toEqual({checks: [], problems: [problem]})
})

test('a path without a slash is an error, a key of Dokku alone a note', () => {
  expect(read([{path: 'x'}]).problems).toEqual(['error 1:33 bad-path'])
  expect(read([{path: '/x', port: 3}]).problems).toEqual(['note 1:38 unknown-key'])
})
