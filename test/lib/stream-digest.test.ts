import {createHash} from 'node:crypto'
import {expect, test} from 'vitest'
import {StreamDigest} from '../../src/lib/stream-digest.ts'

const frame = (bytes: number, fill: string, isShared = true) => {
  const buffer = isShared ? Buffer.from(new SharedArrayBuffer(bytes)) : Buffer.alloc(bytes)
  return buffer.fill(fill)
}

test.for<readonly [title: string, sizes: readonly number[]]>([
  ['none', []],
  ['one that is short', [10]],
  ['one that is full', [1000]],
  ['full ones and a short one', [1000, 1000, 1000, 7]],
  ['a short one first', [7, 1000]],
])('frames: %s', async ([, sizes]) => {
  const expected = createHash('sha256')
  await using digest = new StreamDigest({threadBytes: 1000})
  for (const [index, size] of sizes.entries()) {
    const part = frame(size, String.fromCharCode(97 + index))
    expected.update(part)
    await digest.update(part)
    part.fill('z')
  }
  expect(await digest.hex()).toBe(expected.digest('hex'))
})

test('a frame that is not shared is digested here', async () => {
  await using digest = new StreamDigest({threadBytes: 10})
  expect(digest.update(frame(100, 'a', false))).toBeUndefined()
  expect(await digest.hex()).toBe(createHash('sha256').update('a'.repeat(100)).digest('hex'))
})

test('a part of a frame counts as that part', async () => {
  await using digest = new StreamDigest({threadBytes: 10})
  const whole = frame(100, 'a')
  whole.fill('b', 50)
  await digest.update(whole.subarray(40, 60))
  expect(await digest.hex()).toBe(createHash('sha256').update('aaaaaaaaaabbbbbbbbbb').digest('hex'))
})

test('who waits for a digest that was given up learns of it', async () => {
  const digest = new StreamDigest({threadBytes: 10})
  await digest.update(frame(100, 'a'))
  await digest[Symbol.asyncDispose]()
  await expect(digest.hex()).rejects.toThrow('ended')
})
