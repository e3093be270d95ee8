import fc from 'fast-check'
import {expect, test} from 'vitest'
import {prefixLines, prefixPieces} from '../../src/lib/prefix-lines.ts'

test('each line gets the prefix and the suffix', () => {
  expect(prefixLines(Buffer.from('a\n\nb\n'), '> ', ' <').toString()).toBe('> a <\n>  <\n> b <\n')
})

test('nothing stays nothing', () => {
  expect(prefixLines(Buffer.alloc(0), '> ')).toHaveLength(0)
})

test('a dollar in the prefix is a dollar', () => {
  expect(prefixLines(Buffer.from('a\nb\n'), '$& $1 ').toString()).toBe('$& $1 a\n$& $1 b\n')
})

test('a prefix may hold any characters', () => {
  expect(prefixLines(Buffer.from('a\nb\n'), 'é│ ').toString()).toBe('é│ a\né│ b\n')
})

test('no byte of any lines is changed', () => {
  const lines = fc.array(
    fc.uint8Array({maxLength: 40}).map(bytes => bytes.filter(byte => byte !== 10)),
    {minLength: 1, maxLength: 40},
  )
  fc.assert(
    fc.property(lines, parts => {
      const block = Buffer.concat(parts.flatMap(part => [part, Buffer.from('\n')]))
      const expected = Buffer.concat(parts.flatMap(part => [Buffer.from('>'), part, Buffer.from('<\n')]))
      expect(prefixLines(block, '>', '<').equals(expected)).toBe(true)
    }),
  )
})

test('a large block comes in pieces of whole lines, the same text together, also with a line longer than a piece', () => {
  const block = Buffer.from(`${`${'a'.repeat(999)}\n`.repeat(40)}${'b'.repeat(50_000)}\n${'c\n'.repeat(20_000)}`)
  const pieces = prefixPieces(block, '> ')
  expect(pieces.length).toBeGreaterThan(3)
  for (const piece of pieces) expect(piece.startsWith('> ') && piece.endsWith('\n')).toBe(true)
  const expected = block.toString().replaceAll(/^(?=.)/gm, '> ')
  expect(pieces.join('') === expected).toBe(true)
  expect(prefixLines(block, '> ').toString() === expected).toBe(true)
})
