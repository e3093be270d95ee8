import {Readable} from 'node:stream'
import {expect, test} from 'vitest'
import {readFrames, renderFrame, type TerminalFrame} from '../../src/control/terminal-frames.ts'

const read = async (...chunks: Buffer[]) => {
  const frames: TerminalFrame[] = []
  for await (const frame of readFrames(Readable.from(chunks))) frames.push(frame)
  return frames
}

const frames: readonly TerminalFrame[] = [
  {kind: 'input', bytes: Buffer.from('ls\r')},
  {kind: 'resize', size: {columns: 80, rows: 24}},
  {kind: 'input', bytes: Buffer.from([0, 1, 255])},
]
const stream = Buffer.concat(frames.map(renderFrame))

test('frames are read back, wherever the chunks end', async () => {
  expect(await read(stream)).toEqual(frames)
  expect(await read(...[...stream].map(byte => Buffer.of(byte)))).toEqual(frames)
})

test('half a frame at the end is none', async () => {
  expect(await read(stream.subarray(0, -1))).toEqual(frames.slice(0, 2))
})

test.for([
  ['another kind', Buffer.from([7, 0, 0, 0, 2, 0x7b, 0x7d])],
  ['a size that is none', Buffer.from([1, 0, 0, 0, 2, 0x7b, 0x7d])],
  ['more than a person can type', Buffer.from([0, 255, 255, 255, 255])],
] as const)('%s is refused', async ([, bytes]) => {
  await expect(read(bytes)).rejects.toThrow()
})
