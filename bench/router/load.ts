import {once} from 'node:events'
import {connect, type Socket} from 'node:net'
import {parseArgs} from 'node:util'

/**
 * A load generator on raw sockets, a program of its own so that it has its own core. Prints one JSON object.
 * `open PORT RATE CONNECTIONS SECONDS`: requests at a fixed rate, whether answers come or not; latencies count from the moment a
 * request was due. `echo PORT CONNECTIONS SECONDS`: upgraded connections, one message under way on each. `down PORT TIMES`,
 * `up PORT TIMES`: 100 MB bodies. `idle PORT CONNECTIONS`: connections with one request behind them, held until stdin ends.
 */
const {positionals} = parseArgs({allowPositionals: true})
const [mode = '', portText = '0', ...numbers] = positionals
const port = Number(portText)
const [first = 0, second = 0, third = 0] = numbers.map(Number)
const host = 'Host: app.localhost\r\n'
const largeBytes = 100_000_000
/** As in RFC 6455; the echo knows its answer. */
const webSocketKey = 'Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n'

const modes: Readonly<Record<string, () => Promise<object>>> = {
  open: () => openLoop({rate: first, connections: second, seconds: third}),
  echo: () => echo({connections: first, seconds: second}),
  down: () => transfer(first, `GET /large HTTP/1.1\r\n${host}\r\n`, largeBytes),
  up: () =>
    transfer(
      first,
      Buffer.concat([Buffer.from(`POST /up HTTP/1.1\r\n${host}Content-Length: ${largeBytes}\r\n\r\n`), Buffer.alloc(largeBytes)]),
      2,
    ),
  idle: () => idle(first),
}
console.log(JSON.stringify(await modes[mode]?.()))
process.exit(0)

async function openLoop({rate, connections, seconds}: {rate: number; connections: number; seconds: number}): Promise<object> {
  const request = `GET /small HTTP/1.1\r\n${host}\r\n`
  const latencies: number[] = []
  const free: Socket[] = []
  const due: number[] = []
  const take = () => {
    while (free.length > 0 && due.length > 0) {
      const socket = free.pop() as Socket
      const dueMs = due.shift() as number
      socket.write(request)
      socket.once('data', () => {
        latencies.push(performance.now() - dueMs)
        free.push(socket)
        take()
      })
    }
  }
  for (let i = 0; i < connections; i++) free.push(await open())
  const startedMs = performance.now()
  let asked = 0
  while (performance.now() - startedMs < seconds * 1000) {
    for (const goal = ((performance.now() - startedMs) / 1000) * rate; asked < goal; asked++) due.push(startedMs + (asked / rate) * 1000)
    take()
    await new Promise(resolve => setImmediate(resolve))
  }
  latencies.sort((a, b) => a - b)
  const at = (part: number) => latencies[Math.floor(latencies.length * part)] ?? Number.NaN
  return {answered: latencies.length, asked, p50Ms: at(0.5), p99Ms: at(0.99)}
}

async function echo({connections, seconds}: {connections: number; seconds: number}): Promise<object> {
  const message = Buffer.alloc(64, 'm')
  let count = 0
  // All are there before the first message: on a busy router each would wait its turn.
  const sockets: Socket[] = []
  for (let i = 0; i < connections; i++) {
    const socket = await open()
    sockets.push(socket)
    socket.write(`GET /ws HTTP/1.1\r\n${host}Upgrade: websocket\r\nConnection: Upgrade\r\n${webSocketKey}\r\n`)
    const [answer] = await once(socket, 'data')
    if (!String(answer).startsWith('HTTP/1.1 101')) throw new Error(String(answer))
    let size = 0
    socket.on('data', bytes => {
      size += bytes.length
      if (size < message.length) return
      size = 0
      count++
      socket.write(message)
    })
  }
  for (const socket of sockets) socket.write(message)
  const startedMs = performance.now()
  const before = count
  await new Promise(resolve => setTimeout(resolve, seconds * 1000))
  return {messagesPerSecond: (count - before) / ((performance.now() - startedMs) / 1000)}
}

async function transfer(times: number, request: string | Buffer, answerBytes: number): Promise<object> {
  const socket = await open()
  const startedMs = performance.now()
  for (let i = 0; i < times; i++) {
    let size = 0
    const done = new Promise<void>(resolve => {
      const onData = (bytes: Buffer) => {
        size += bytes.length
        if (size < answerBytes) return
        socket.off('data', onData)
        resolve()
      }
      socket.on('data', onData)
    })
    socket.write(request)
    await done
    await new Promise(resolve => setTimeout(resolve, 20))
  }
  return {megabytesPerSecond: (times * 100) / ((performance.now() - startedMs - times * 20) / 1000)}
}

async function idle(connections: number): Promise<object> {
  for (let i = 0; i < connections; i++) {
    const socket = await open()
    socket.write(`GET /small HTTP/1.1\r\n${host}\r\n`)
    await new Promise(resolve => socket.once('data', resolve))
  }
  console.log('ready')
  await new Promise(resolve => process.stdin.on('end', resolve).resume())
  return {connections}
}

function open(): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const socket = connect({port, host: '127.0.0.1', noDelay: true}, () => resolve(socket))
    socket.on('error', reject)
  })
}
