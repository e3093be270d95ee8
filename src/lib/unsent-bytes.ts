import type {Writable} from 'node:stream'

/**
 * Bytes that a socket was given and that its peer's side of the connection has not taken in yet. Node counts a write only when all
 * of it is out, and joins what waits into one; so a slow peer looks like a dead one for as long as a megabyte takes. libuv knows
 * better, by a number that Node's own socket time-outs look at too but that has no public name; without it the count is coarse.
 */
export function unsentBytes(socket: Writable): number {
  const {writableLength} = socket
  if (writableLength === 0) return 0
  const {_handle: handle} = socket as Writable & {readonly _handle?: {readonly writeQueueSize?: number} | null}
  return handle?.writeQueueSize === undefined || handle.writeQueueSize === 0 ? writableLength : handle.writeQueueSize
}
