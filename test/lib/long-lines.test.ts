import {expect, test} from 'vitest'
import {cutLongLines} from '../../src/lib/long-lines.ts'

test('a block without a long line is left as it is, the very same', () => {
  const block = Buffer.from(`${'x'.repeat(10)}\n`.repeat(100))
  expect(cutLongLines(block, {limit: 10})).toBe(block)
})

test('a long line is cut into parts of the limit, each but the last with the mark', () => {
  const block = Buffer.from('short\nabcdefghijk\nlast\n')
  expect(cutLongLines(block, {limit: 5, mark: '…'}).toString()).toBe('short\nabcde…\nfghij…\nk\nlast\n')
})

test('a line of the limit is none too long, one byte more is', () => {
  expect(cutLongLines(Buffer.from('12345\n'), {limit: 5}).toString()).toBe('12345\n')
  expect(cutLongLines(Buffer.from('123456\n'), {limit: 5}).toString()).toBe('12345\n6\n')
})

test('a cut does not tear a character', () => {
  expect(cutLongLines(Buffer.from('aéééé\n'), {limit: 6}).toString()).toBe('aéé\néé\n')
})

test('bytes that are no UTF-8 are cut all the same', () => {
  const block = Buffer.concat([Buffer.alloc(25, 0xa0), Buffer.from('\n')])
  const cut = cutLongLines(block, {limit: 10})
  expect(
    cut
      .toString('latin1')
      .split('\n')
      .map(part => part.length),
  ).toEqual([10, 10, 5, 0])
})
