import {expect, test} from 'vitest'
import {countLines} from '../../src/lib/count-lines.ts'

test.for([
  ['', 0],
  ['a', 0],
  ['a\n', 1],
  ['\n\nb\r\nc', 3],
] as const)('%j has %d newlines', ([text, count]) => {
  expect(countLines(Buffer.from(text))).toBe(count)
})
