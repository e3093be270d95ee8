import {createHash} from 'node:crypto'
import {expect, test} from 'vitest'
import {ContentChunker} from '../../src/lib/content-chunks.ts'

/** Bytes like those of a file that was packed: nothing in them repeats. */
function noise(size: number): Buffer {
  const blocks = [...Array(Math.ceil(size / 32)).keys()].map(index => createHash('sha256').update(String(index)).digest())
  return Buffer.concat(blocks).subarray(0, size)
}

function chunks(bytes: Buffer, step = bytes.length || 1): readonly Buffer[] {
  const found: Buffer[] = []
  const chunker = new ContentChunker(chunk => found.push(Buffer.from(chunk)))
  for (let at = 0; at < bytes.length; at += step) chunker.write(bytes.subarray(at, at + step))
  chunker.end()
  return found
}

test.for([0, 1, 4096, 65_536, 1_000_003])('nothing of %i bytes is lost', size => {
  const bytes = noise(size)
  expect(Buffer.concat(chunks(bytes)).equals(bytes)).toBe(true)
})

test('sizes are within bounds, also where nothing ever changes', () => {
  for (const bytes of [noise(2_000_000), Buffer.alloc(2_000_000)]) {
    const lengths = chunks(bytes).map(chunk => chunk.length)
    expect(Math.max(...lengths)).toBeLessThanOrEqual(65_536)
    expect(Math.min(...lengths.slice(0, -1))).toBeGreaterThan(4096)
  }
  const count = chunks(noise(2_000_000)).length
  expect(count).toBeGreaterThan(60)
  expect(count).toBeLessThan(200)
})

test('cuts are the same however the bytes come', () => {
  const bytes = noise(500_000)
  expect(chunks(bytes, 777)).toEqual(chunks(bytes))
})

test('a byte put in changes the chunks around it and no others', () => {
  const bytes = noise(1_000_000)
  const changed = Buffer.concat([bytes.subarray(0, 400_000), Buffer.from('x'), bytes.subarray(400_000)])
  const before = new Set(chunks(bytes).map(chunk => chunk.toString('latin1')))
  expect(chunks(changed).filter(chunk => !before.has(chunk.toString('latin1'))).length).toBeLessThanOrEqual(2)
})
