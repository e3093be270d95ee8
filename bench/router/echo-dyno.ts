import {createServer, type Socket} from 'node:net'
import {echoHosts} from './echo-hosts.ts'

/** A dyno for what nginx does not do: takes uploads to their end, and turns any upgrade into an echo. Run as a program: PORT. */
const [, , port = '0'] = process.argv
const switching =
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n'

const serve = (socket: Socket) => {
  let head = ''
  let left = -1
  socket.on('error', () => undefined)
  const onData = (bytes: Buffer) => {
    if (left < 0) {
      head += bytes.toString('latin1')
      const end = head.indexOf('\r\n\r\n')
      if (end < 0) return
      if (/\r\nupgrade:/i.test(head)) {
        socket.off('data', onData)
        socket.write(switching)
        socket.on('data', message => socket.write(message))
        return
      }
      left = Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0) - (head.length - end - 4)
    } else left -= bytes.length
    if (left > 0) return
    socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    head = ''
    left = -1
  }
  socket.on('data', onData)
}
for (const host of echoHosts) createServer({noDelay: true}, serve).listen(Number(port), host, 1024)
