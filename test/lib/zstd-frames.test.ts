import {constants, zstdCompressSync} from 'node:zlib'
import fc from 'fast-check'
import {expect, test} from 'vitest'
import {isZstd, zstdFrames} from '../../src/lib/zstd-frames.ts'

const frames = (bytes: Buffer) => [...zstdFrames((position, length) => bytes.subarray(position, position + length), bytes.length)]
const packed = (length: number, params = {}) => zstdCompressSync(Buffer.alloc(length, 'some text, '), {params})

test.for([0, 1, 255, 256, 300, 65_791, 65_792, 70_000, 3_000_000])('a frame of %i bytes says how long it is', length => {
  for (const params of [{}, {[constants.ZSTD_c_checksumFlag]: 1}, {[constants.ZSTD_c_windowLog]: 10}]) {
    const bytes = packed(length, params)
    expect(frames(bytes)).toEqual([{start: 0, packedBytes: bytes.length, rawBytes: length, isSkippable: false}])
  }
})

test('frames follow each other', () => {
  const parts = [packed(5), Buffer.from([0x50, 0x2a, 0x4d, 0x18, 1, 0, 0, 0, 7]), packed(500_000)]
  const found = frames(Buffer.concat(parts))
  expect(found.map(({packedBytes}) => packedBytes)).toEqual(parts.map(({length}) => length))
  expect(found.map(({isSkippable}) => isSkippable)).toEqual([false, true, false])
})

test('only zstd looks like it', () => {
  expect([packed(1), Buffer.from([0x5f, 0x2a, 0x4d, 0x18])].map(isZstd)).toEqual([true, true])
  expect([Buffer.from('text'), Buffer.alloc(0), Buffer.from([0x60, 0x2a, 0x4d, 0x18])].map(isZstd)).toEqual([false, false, false])
})

test('any bytes are frames or a RangeError, and it comes to an end', () => {
  const good = packed(2000)
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 200}), fc.nat(good.length), (junk, at) => {
      const spoilt = Buffer.concat([good.subarray(0, at), junk, good.subarray(at)])
      try {
        frames(spoilt)
      } catch (error) {
        expect(error).toBeInstanceOf(RangeError)
      }
    }),
  )
})
