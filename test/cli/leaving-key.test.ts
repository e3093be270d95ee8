import {expect, test} from 'vitest'
import {leavingKey} from '../../src/cli/terminal/leaving-key.ts'

test.for([
  ['\x1d', ''],
  ['ls\r\x1dmore', 'ls\r'],
  ['\x1b[93;5u', ''],
  ['a\x1b[27;5;93~', 'a'],
  ['a\x1b[93;5u\x1d', 'a'],
] as const)('%j leaves, and %j is typed before', ([typed, before]) => {
  expect(leavingKey(Buffer.from(typed))?.before.toString()).toBe(before)
})

test.for(['', 'ls\r', '\x03', ']', '\x1b[91;5u'])('%j does not leave', typed => {
  expect(leavingKey(Buffer.from(typed))).toBeUndefined()
})
