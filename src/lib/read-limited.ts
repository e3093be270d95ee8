import {closeSync, constants, fstatSync, openSync, readSync} from 'node:fs'

const pauseMs = 5

/**
 * The bytes of a file, or nothing when it has more than `maxBytes`; never takes much more memory than that. Synchronous. A pipe,
 * as of `<(command)` in a shell, is read until its writer closes it, for at most `patienceMs`; then, as for all that goes wrong,
 * Node's error is thrown. A pipe without a writer is empty.
 */
export function readLimited(path: string, maxBytes: number, patienceMs = 10_000): Buffer | undefined {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
  try {
    const stats = fstatSync(fd)
    const size = stats.isFile() ? stats.size : 0
    if (size > maxBytes) return undefined
    let buffer = Buffer.allocUnsafe(size === 0 ? 16_384 : size + 1)
    let length = 0
    for (;;) {
      const count = readPatiently(fd, buffer, length, patienceMs)
      if (count === 0) return buffer.subarray(0, length)
      length += count
      if (length > maxBytes) return undefined
      if (length === buffer.length) buffer = Buffer.concat([buffer], Math.min(length * 2, maxBytes + 1))
    }
  } finally {
    closeSync(fd)
  }
}

function readPatiently(fd: number, buffer: Buffer, offset: number, patienceMs: number): number {
  const deadline = Date.now() + patienceMs
  for (;;) {
    try {
      return readSync(fd, buffer, offset, buffer.length - offset, null)
    } catch (error) {
      const isNotYet = error instanceof Error && 'code' in error && error.code === 'EAGAIN'
      if (!isNotYet || Date.now() > deadline) throw error
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, pauseMs)
    }
  }
}
