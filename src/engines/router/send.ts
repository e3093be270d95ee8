import type {Writable} from 'node:stream'
import type {ReadBuffers} from './read-buffers.ts'

/** Up to here bytes go out as a string: that is copied into the kernel in one go and leaves nothing behind. */
export const textBytes = 4096

/**
 * Sends bytes that lie in a read buffer. True: the socket still refers to them and will give the buffer back itself; the caller reads
 * into another one. Bytes of the shared buffer are never referred to: they are copied when they have to wait.
 */
export function sendBytes(socket: Writable, bytes: Buffer, isShared: boolean, buffers: ReadBuffers): boolean {
  if (bytes.length <= textBytes) {
    socket.write(bytes.toString('latin1'), 'latin1')
    return false
  }
  if (isShared) {
    socket.write(Buffer.from(bytes))
    return false
  }
  if (socket.writableLength > 0) {
    socket.write(bytes, () => buffers.give(wholeBuffer(bytes)))
    return true
  }
  socket.write(bytes)
  return socket.writableLength > 0
}

/** The read buffer that these bytes are a part of. */
function wholeBuffer(bytes: Buffer): Buffer {
  return Buffer.from(bytes.buffer)
}
