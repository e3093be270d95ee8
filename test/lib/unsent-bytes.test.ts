import {type AddressInfo, connect, createServer, type Socket} from 'node:net'
import {expect, test} from 'vitest'
import {unsentBytes} from '../../src/lib/unsent-bytes.ts'

test('what a slow peer takes is seen before all of a write is out', async ({onTestFinished}) => {
  const server = createServer(socket => socket.pause())
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const socket = connect((server.address() as AddressInfo).port, '127.0.0.1')
  const peer = await new Promise<Socket>(resolve => server.once('connection', resolve))
  onTestFinished(() => {
    socket.destroy()
    peer.destroy()
    server.close()
  })
  await new Promise(resolve => (socket.connecting ? socket.once('connect', resolve) : resolve(undefined)))
  expect(unsentBytes(socket)).toBe(0)
  const size = 50_000_000
  socket.write(Buffer.alloc(size))
  expect(unsentBytes(socket)).toBeGreaterThan(0)
  expect(unsentBytes(socket)).toBeLessThan(size)
  expect(socket.writableLength).toBe(size)
  peer.on('data', () => undefined).resume()
  await expect.poll(() => unsentBytes(socket), {timeout: 10_000}).toBe(0)
})
