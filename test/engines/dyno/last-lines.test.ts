import {expect, test} from 'vitest'
import {LastLines} from '../../../src/engines/dyno/last-lines.ts'

const numbered = (from: number, to: number) => Array.from({length: to - from}, (_, index) => `line ${from + index}`)
const block = (lines: readonly string[]) => Buffer.from(lines.map(line => `${line}\n`).join(''))

function lastOf(...blocks: readonly (readonly string[])[]): readonly string[] {
  const last = new LastLines()
  for (const lines of blocks) last.push(block(lines))
  return last.toStrings()
}

test('fewer than fifty are all there', () => {
  expect(lastOf()).toEqual([])
  expect(lastOf(['a', '', 'b\r'], ['c'])).toEqual(['a', '', 'b', 'c'])
})

test.for([1, 3, 49, 50, 51, 700, 10_000])('of two thousand lines in blocks of %d, the last fifty are kept', size => {
  const all = numbered(0, 2000)
  const blocks = Array.from({length: Math.ceil(2000 / size)}, (_, index) => all.slice(index * size, (index + 1) * size))
  expect(lastOf(...blocks)).toEqual(all.slice(-50))
})

test('a large block of few lines does not push out the lines before it', () => {
  const long = 'x'.repeat(5_000)
  expect(lastOf(numbered(0, 60), [long, long])).toEqual([...numbered(12, 60), long, long])
})

test('of long lines no more than some 64 KiB are kept, but always the last one', () => {
  const lines = Array.from({length: 50}, (_, index) => String(index % 10).repeat(20_000))
  expect(lastOf(lines)).toEqual(lines.slice(-3))
  expect(lastOf(...lines.map(line => [line])).length).toBeLessThan(6)
  const huge = 'x'.repeat(70_000)
  expect(lastOf([huge])).toEqual([huge])
})

test('what is kept of large blocks does not hold them in memory', () => {
  const last = new LastLines()
  const large = block(numbered(0, 5_000))
  last.push(large)
  large.fill('y')
  expect(last.toStrings()).toEqual(numbered(4_950, 5_000))
})
