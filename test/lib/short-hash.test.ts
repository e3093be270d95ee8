import {expect, test} from 'vitest'
import {shortHash} from '../../src/lib/short-hash.ts'

test.for(['', '/', '/home/me/shop', 'été', 'x'.repeat(5_000)])('the hash of %j is 16 hex digits, always the same', text => {
  expect(shortHash(text)).toMatch(/^[0-9a-f]{16}$/)
  expect(shortHash(text)).toBe(shortHash(text))
})

test('paths that differ little have nothing in common', () => {
  const hashes = new Set(Array.from({length: 200_000}, (_, number) => shortHash(`/home/me/app-${number}`)))
  expect(hashes.size).toBe(200_000)
  const halves = ['first', 'second'].map((_, half) => new Set([...hashes].map(hash => hash.slice(8 * half, 8 * half + 8))).size)
  for (const distinct of halves) expect(distinct).toBeGreaterThan(199_900)
})
