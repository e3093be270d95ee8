import {writeSync} from 'node:fs'

/** Writes all of `bytes`, however the system cuts them. A disk that fills up takes a part first and tells with the next. */
export function writeAll(descriptor: number, bytes: Uint8Array): void {
  for (let rest = bytes; rest.length > 0; ) rest = rest.subarray(writeSync(descriptor, rest))
}
