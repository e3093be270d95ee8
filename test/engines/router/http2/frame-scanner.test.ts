import {describe, expect, test} from 'vitest'
import {FrameScanner} from '../../../../src/engines/router/http2/frame-scanner.ts'
import {frame, plain, preface, request} from './frames.ts'

const number = (...values: readonly number[]) => {
  const bytes = Buffer.alloc(values.length * 4)
  for (const [index, value] of values.entries()) bytes.writeUInt32BE(value, index * 4)
  return bytes
}

describe('frames that go by', () => {
  const bytes = Buffer.concat([
    preface,
    request(1, plain),
    frame(0, 0, 1, Buffer.alloc(30, 1)),
    frame(3, 0, 1, number(7)),
    frame(3, 0, 3, Buffer.from([1, 2])),
    frame(7, 0, 0, Buffer.concat([number(5, 1), Buffer.from('why')])),
    frame(6, 0, 0, Buffer.alloc(8)),
  ])
  const seen = [
    [4, 0, 0],
    [1, 1, 0],
    [0, 1, 0],
    [3, 1, 7],
    [3, 3, 0],
    [7, 0, 1],
    [6, 0, 0],
  ]

  test.for([1, 2, 3, 5, 8, 9, 10, 17, 64, 10_000])('are the same in pieces of %i bytes', size => {
    const frames: number[][] = []
    const scanner = new FrameScanner(24, (...frameSeen) => frames.push(frameSeen))
    for (let at = 0; at < bytes.length; at += size) scanner.scan(bytes.subarray(at, at + size))
    expect(frames).toEqual(seen)
  })
})
