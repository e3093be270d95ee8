import {execFileSync} from 'node:child_process'
import {closeSync, openSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {constants, gzipSync, zstdCompressSync} from 'node:zlib'
import {expect} from 'vitest'
import {archiveParts, UnpackError} from '../../src/lib/archive-parts.ts'
import {test} from '../support/temp-folder.ts'

async function unpacked(folder: string, bytes: Buffer): Promise<Buffer> {
  writeFileSync(join(folder, 'file'), bytes)
  const descriptor = openSync(join(folder, 'file'), 'r')
  try {
    const parts: Buffer[] = []
    let last = 0
    for await (const {bytes: part, readBytes} of archiveParts(descriptor)) {
      parts.push(Buffer.from(part))
      expect(readBytes).toBeGreaterThanOrEqual(last)
      expect(readBytes).toBeLessThanOrEqual(bytes.length)
      last = readBytes
    }
    return Buffer.concat(parts)
  } finally {
    closeSync(descriptor)
  }
}

const text = Buffer.from(Array.from({length: 300_000}, (_, index) => `line ${index} ${(index * 2654435761) % 2 ** 32}\n`).join(''))
const skippable = Buffer.concat([Buffer.from([0x5a, 0x2a, 0x4d, 0x18, 3, 0, 0, 0]), Buffer.from('abc')])
const withChecksum = {params: {[constants.ZSTD_c_checksumFlag]: 1}}
const frames = Array.from({length: 4}, (_, index) =>
  zstdCompressSync(text.subarray(index * 2_000_000, index === 3 ? undefined : (index + 1) * 2_000_000), withChecksum),
)

test.for<readonly [title: string, bytes: Buffer]>([
  ['plain', text],
  ['gzip', gzipSync(text)],
  ['gzip in several members', Buffer.concat([gzipSync(text.subarray(0, 5000)), gzipSync(text.subarray(5000))])],
  ['zstd', zstdCompressSync(text)],
  ['zstd in several frames', Buffer.concat(frames)],
  ['zstd with frames that say nothing between', Buffer.concat([skippable, ...frames.flatMap(frame => [frame, skippable])])],
])('%s comes out whole', async ([, bytes], {folder}) => {
  expect((await unpacked(folder, bytes)).equals(text)).toBe(true)
})

test.for([
  ['-9', '--long=24'],
  ['-1', '--no-check'],
  ['-3', '--check'],
])('zstd by its own program (%s %s) comes out whole', async (options, {folder}) => {
  const bytes = execFileSync('zstd', [...options, '-c'], {input: text, maxBuffer: 2 ** 26})
  expect((await unpacked(folder, bytes)).equals(text)).toBe(true)
})

test.for<readonly [title: string, bytes: Buffer]>([
  ['gzip', gzipSync(text)],
  ['zstd', zstdCompressSync(text, withChecksum)],
  ['zstd in several frames', Buffer.concat(frames)],
])('%s that is cut, or goes on, or has a wrong bit is an UnpackError', async ([, bytes], {folder}) => {
  for (const length of [bytes.length - 1, Math.floor(bytes.length / 2), 12])
    await expect(unpacked(folder, bytes.subarray(0, length))).rejects.toThrow(UnpackError)
  await expect(unpacked(folder, Buffer.concat([bytes, Buffer.from('and more text')]))).rejects.toThrow(UnpackError)
  const spoilt = Buffer.from(bytes)
  spoilt.writeUInt8(spoilt.readUInt8(spoilt.length >> 1) ^ 4, spoilt.length >> 1)
  await expect(unpacked(folder, spoilt)).rejects.toThrow(/damaged/)
})

test('an empty file has no parts', async ({folder}) => {
  expect((await unpacked(folder, Buffer.alloc(0))).length).toBe(0)
})

test.for([
  ['BZh91', 'bzip2'],
  ['\xfd7zXZ\0x', 'xz'],
  ['PK\x03\x04', 'zip'],
  ['7z\xbc\xaf\x27\x1c', '7z'],
] as const)('%j is named: %s', async ([bytes, name], {folder}) => {
  await expect(unpacked(folder, Buffer.from(bytes, 'latin1'))).rejects.toThrow(`is packed with ${name}`)
})
