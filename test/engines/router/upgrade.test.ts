import {createHash} from 'node:crypto'
import {createServer, type Server} from 'node:http'
import type {AddressInfo, Socket} from 'node:net'
import {describe} from 'vitest'
import {expect, host, ok, test} from './rig.ts'

const upgrade = (lines = '') => `GET /ws HTTP/1.1\r\n${host}Upgrade: websocket\r\nConnection: keep-alive, Upgrade\r\n${lines}\r\n`
const switching = 'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\n'

describe('b.4.5, upgrade', () => {
  test('the upgrade travels both ways, then every byte as it is', async ({makeRig}) => {
    const {pass, event} = await makeRig()
    const {client, dyno} = await pass(upgrade('Sec-WebSocket-Key: x\r\n'))
    expect(dyno.text).toMatch(/^Upgrade: websocket\r$/m)
    expect(dyno.text.match(/^connection:.*$/gim)).toEqual(['Connection: Upgrade'])
    dyno.send(switching)
    const {input} = await client.reads(/\r\n\r\n$/)
    expect(input).toMatch(/^HTTP\/1\.1 101 Switching Protocols\r\nUpgrade: websocket\r\nSec-WebSocket-Accept: x\r\n/)
    expect(input.match(/^connection:.*$/gim)).toEqual(['Connection: Upgrade'])
    client.clear()
    dyno.clear()
    const bytes = Buffer.from(Array.from({length: 256}, (_, i) => i))
    client.send(bytes)
    expect(await dyno.readsBytes(256)).toBe(bytes.toString('latin1'))
    dyno.send(bytes)
    expect(await client.readsBytes(256)).toBe(bytes.toString('latin1'))
    client.close()
    await dyno.closes()
    expect(await event()).toMatchObject({status: 101, bytes: 256, dyno: 'web.1'})
  })

  test('keepalive_upgrade_close_server: its close closes the client, without a code', async ({makeRig}) => {
    const {pass, line} = await makeRig()
    const {client, dyno} = await pass(upgrade())
    dyno.send(`${switching}bye`)
    dyno.socket.end()
    expect(await client.closes()).toMatch(/bye$/)
    expect(await line()).toMatch(/^at=info method=GET path="\/ws" .* dyno=web\.1 connect=\d+ms service=\d+ms status=101 bytes=3 /)
  })

  test('keepalive_upgrade_close_client', async ({makeRig}) => {
    const {pass, line} = await makeRig()
    const {client, dyno} = await pass(upgrade())
    dyno.send(switching)
    await client.reads(/\r\n\r\n$/)
    client.close()
    await dyno.closes()
    expect(await line()).toMatch(/^at=info .* status=101 /)
  })

  test('bytes sent with the request, before the 101, reach the dyno after it', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(`${upgrade()}early`)
    expect(dyno.text).not.toMatch(/early/)
    dyno.send(switching)
    await dyno.reads(/early$/)
    client.send(' late')
    await dyno.reads(/early late$/)
  })

  test('H15: 55 s without a byte either way', async ({makeRig}) => {
    const {pass, line} = await makeRig({limits: {rollingMs: 400, connectMs: 1000}})
    const {client, dyno} = await pass(upgrade())
    dyno.send(switching)
    await client.reads(/\r\n\r\n$/)
    for (const peer of [client, dyno, client, dyno]) {
      await new Promise(resolve => setTimeout(resolve, 150))
      peer.send('.')
    }
    await dyno.reads(/\.\.$/)
    await client.closes()
    await dyno.closes()
    expect(await line()).toMatch(/^at=error code=H15 desc="Idle connection" .* dyno=web\.1 .* status=503 bytes=2 /)
  })

  test('a dyno may refuse: the answer is an ordinary one, and the connection lives on', async ({makeRig}) => {
    const {pass, dyno: server} = await makeRig()
    const {client, dyno} = await pass(upgrade())
    dyno.send(ok)
    await client.reads(/^HTTP\/1\.1 200 OK.*Connection: keep-alive.*ok$/s)
    server.answers(ok)
    client.clear()
    await client.send(`GET / HTTP/1.1\r\n${host}\r\n`).reads(/ok$/)
  })

  test('Upgrade without Connection: upgrade travels on as a header', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {dyno} = await pass(`GET / HTTP/1.1\r\n${host}Upgrade: h3\r\n\r\n`)
    expect(dyno.text).toMatch(/^Upgrade: h3\r$/m)
    expect(dyno.text).toMatch(/^Connection: keep-alive\r$/m)
  })

  test.for(['POST', 'PROPFIND'])('any verb and any protocol: %s', async (method, {makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(`${method} / HTTP/1.1\r\n${host}Upgrade: tea/1.0\r\nConnection: upgrade\r\n\r\n`)
    dyno.send('HTTP/1.1 101 Tea\r\nUpgrade: tea/1.0\r\n\r\n')
    await client.reads(/^HTTP\/1\.1 101 Tea/)
    client.send('milk')
    await dyno.reads(/milk$/)
  })
})

describe('WebSocket, with a client of its own', () => {
  test('messages of all sizes come back', async ({makeRig, onTestFinished}) => {
    const server = await openEchoServer()
    onTestFinished(() => void server.close())
    const rig = await makeRig({dynos: 0})
    rig.web.add({name: 'web.1', host: '127.0.0.1', port: (server.address() as AddressInfo).port})
    rig.router.setHosts([{host: '127.0.0.1', to: rig.web}])
    const socket = new WebSocket(`ws://127.0.0.1:${rig.port}/echo`)
    const got: string[] = []
    socket.addEventListener('message', event => got.push(String(event.data)))
    await new Promise((resolve, reject) => {
      socket.addEventListener('open', resolve)
      socket.addEventListener('error', reject)
    })
    const sent = [0, 1, 125, 126, 1000, 65_535, 65_536, 300_000].map(size => 'äb'.repeat(size / 2))
    for (const text of sent) socket.send(text)
    await expect.poll(() => got.length, {timeout: 10_000}).toBe(sent.length)
    expect(got.every((text, i) => text === sent[i])).toBe(true)
    socket.close()
    expect((await rig.event()).status).toBe(101)
  })
})

const closeFrame = 8

/** Sends every frame back; knows no more of RFC 6455 than that takes. */
async function openEchoServer(): Promise<Server> {
  const server = createServer()
  server.on('upgrade', (request, socket) => {
    const accept = createHash('sha1').update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
    socket.write(`HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`)
    echoFrames(socket as Socket)
  })
  await new Promise(resolve => server.listen(0, '127.0.0.1', () => resolve(undefined)))
  return server
}

function echoFrames(socket: Socket): void {
  let pending = Buffer.alloc(0)
  socket.on('error', () => undefined)
  socket.on('data', bytes => {
    pending = Buffer.concat([pending, bytes])
    for (;;) {
      const short = (pending[1] ?? 0) & 127
      const lengthBytes = short === 126 ? 2 : short === 127 ? 8 : 0
      if (pending.length < 2 + lengthBytes + 4) return
      const length = short === 126 ? pending.readUInt16BE(2) : short === 127 ? Number(pending.readBigUInt64BE(2)) : short
      const start = 2 + lengthBytes + 4
      if (pending.length < start + length) return
      const mask = pending.subarray(2 + lengthBytes, start)
      const payload = pending.subarray(start, start + length).map((byte, i) => byte ^ (mask[i % 4] ?? 0))
      const head = Buffer.concat([Buffer.from([pending[0] ?? 0, short]), pending.subarray(2, 2 + lengthBytes)])
      socket.write(Buffer.concat([head, payload]))
      if (((pending[0] ?? 0) & 15) === closeFrame) socket.end()
      pending = pending.subarray(start + length)
    }
  })
}
