import {expect, test} from 'vitest'
import {afterEnd} from '../../src/model/exit-policy.ts'

test.for([
  ['never', 0, 3, 'restart'],
  ['never', 1, 0, 'restart'],
  ['any', 0, 3, 'stop'],
  ['any', 7, 3, 'stop'],
  ['error', 0, 3, 'leave'],
  ['error', 7, 3, 'stop'],
  ['error', 0, 0, 'stop'],
  ['all-done', 0, 3, 'leave'],
  ['all-done', 7, 3, 'leave'],
  ['all-done', 7, 0, 'stop'],
] as const)('--exit-on %s, exit code %i, %i others: %s', ([policy, exitCode, othersRunning, next]) => {
  expect(afterEnd(policy, {exitCode, othersRunning})).toBe(next)
})
