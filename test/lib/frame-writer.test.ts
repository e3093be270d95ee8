import {setTimeout} from 'node:timers/promises'
import {expect, test} from 'vitest'
import {FrameWriter} from '../../src/lib/frame-writer.ts'

function writer(frameBytes: number, pack = async (frame: Buffer): Promise<Buffer> => Buffer.from(frame)) {
  const written: string[] = []
  const seen: string[] = []
  const frames = new FrameWriter({
    frameBytes,
    pack,
    write: packed => written.push(packed.toString()),
    onFrame: frame => seen.push(frame.toString()),
  })
  return {frames, written, seen}
}

test('frames are full but for the last, in whatever parts the bytes come', async () => {
  const {frames, written, seen} = writer(4)
  for (const part of ['a', 'bc', 'defghijkl', '', 'mn', 'opq']) await frames.append(Buffer.from(part))
  expect(frames.position).toBe(17)
  await frames.finish()
  expect(written).toEqual(['abcd', 'efgh', 'ijkl', 'mnop', 'q'])
  expect(seen).toEqual(written)
})

test('a cut ends a frame early, and none is empty', async () => {
  const {frames, written} = writer(4)
  await frames.cut()
  await frames.append(Buffer.from('ab'))
  await frames.cut()
  await frames.cut()
  await frames.append(Buffer.from('cdef'))
  await frames.finish()
  expect(written).toEqual(['ab', 'cdef'])
})

test('what is written into the room counts', async () => {
  const {frames, written} = writer(4)
  frames.room.write('abc')
  await frames.filled(3)
  expect(frames.room.length).toBe(1)
  frames.room.write('d')
  await frames.filled(1)
  expect(frames.room.length).toBe(4)
  await frames.finish()
  expect(written).toEqual(['abcd'])
})

test('frames keep their order when a later one is packed first, and few are in work at a time', async () => {
  let inWork = 0
  let most = 0
  const {frames, written} = writer(2, async frame => {
    const text = frame.toString()
    most = Math.max(most, ++inWork)
    await setTimeout(text === 'ab' ? 30 : 1)
    inWork--
    return Buffer.from(text)
  })
  await frames.append(Buffer.from('abcdefghijklmnop'))
  await frames.finish()
  expect(written).toEqual(['ab', 'cd', 'ef', 'gh', 'ij', 'kl', 'mn', 'op'])
  expect(most).toBeGreaterThan(1)
  expect(most).toBeLessThanOrEqual(4)
})

test('a frame that cannot be packed is the error of whoever waits', async () => {
  const {frames} = writer(2, async frame => {
    if (frame.toString() === 'cd') throw new Error('no')
    return frame
  })
  await expect(
    (async () => {
      await frames.append(Buffer.from('abcdef'))
      await frames.finish()
    })(),
  ).rejects.toThrow('no')
})
