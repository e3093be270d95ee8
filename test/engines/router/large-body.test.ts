import {describe} from 'vitest'
import {expect, get, host, ok, test} from './rig.ts'

const post = (size: number, lines = '') => `POST / HTTP/1.1\r\n${host}Content-Length: ${size}\r\n${lines}\r\n`
const a = (size: number) => 'a'.repeat(size)
const early = 'HTTP/1.1 304 OK\r\nconnection:close\r\n\r\nmisplaced body'

/** Bytes that are never the same at two places, so that one that is lost, doubled or moved is seen. */
function pattern(size: number): Buffer {
  const bytes = Buffer.alloc(size)
  for (let i = 0; i + 4 <= size; i += 4) bytes.writeUInt32LE((i * 2654435761) % 2 ** 32, i)
  return bytes
}

describe('b.10 large bodies', () => {
  test('large_body_stream: 8,000 bytes both ways', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(post(8000) + a(8000))
    await dyno.reads(/\r\n\r\na{8000}$/)
    dyno.send(`HTTP/1.1 200 OK\r\nContent-Length: 8000\r\n\r\n${a(8000)}`)
    await client.reads(/Connection: keep-alive\r\n\r\na{8000}$/)
  })

  test('large_body_close', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(post(8000, 'Connection: close\r\n') + a(8000))
    dyno.send(`HTTP/1.1 200 OK\r\nContent-Length: 8000\r\n\r\n${a(8000)}`)
    expect(await client.closes()).toMatch(/Connection: close\r\n\r\na{8000}$/)
  })

  test('large_body_close_delimited: its end is the close on both sides', async ({makeRig}) => {
    const {pass, event} = await makeRig()
    const {client, dyno} = await pass(post(8000) + a(8000))
    dyno.send(`HTTP/1.1 200 OK\r\n\r\n${a(8000)}`)
    dyno.socket.end()
    expect(await client.closes()).toMatch(/Connection: close\r\n\r\na{8000}$/)
    expect(client.wasReset).toBe(false)
    expect(await event()).toMatchObject({status: 200, bytes: 8000})
  })

  test('one that ends in a reset is cut, not complete', async ({makeRig}) => {
    const {pass, event} = await makeRig()
    const {client, dyno} = await pass(get)
    dyno.send(`HTTP/1.1 200 OK\r\n\r\n${a(8000)}`)
    await client.reads(/a{8000}$/)
    dyno.reset()
    await client.closes()
    expect(client.wasReset).toBe(true)
    expect((await event()).code).toBe('H18')
  })

  test('10 MB down and up arrive as they were sent', async ({makeRig}) => {
    const {pass, event} = await makeRig()
    const body = pattern(10_000_000)
    const {client, dyno} = await pass(post(body.length))
    client.send(body)
    const headEnd = dyno.text.indexOf('\r\n\r\n') + 4
    const got = await dyno.readsBytes(headEnd + body.length)
    expect(Buffer.from(got.slice(headEnd), 'latin1').equals(body)).toBe(true)
    dyno.send(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n`).send(body)
    const {index} = await client.reads(/\r\n\r\n/)
    const answer = await client.readsBytes(index + 4 + body.length)
    expect(Buffer.from(answer.slice(index + 4), 'latin1').equals(body)).toBe(true)
    expect(await event()).toMatchObject({status: 200, bytes: body.length})
  })
})

describe('b.4.4, an answer before the request is complete', () => {
  test('large_body_request_response_interrupt: it is relayed, and the connection closes', async ({makeRig}) => {
    const {pass, event} = await makeRig()
    const {client, dyno} = await pass(post(16000) + a(1000))
    dyno.send(early)
    dyno.close()
    const text = await client.closes()
    expect(text).toMatch(/^HTTP\/1\.1 304 OK.*Connection: close\r\n\r\n$/s)
    expect((await event()).status).toBe(304)
  })

  test('large_chunked_request_response_interrupt', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(`POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n5\r\ndefg`)
    dyno.send(early)
    dyno.close()
    expect(await client.closes()).toMatch(/^HTTP\/1\.1 304 OK/)
  })

  test.for([30_000, 80_000])('large_close_request_response_interrupt, %i bytes', async (size, {makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(post(16000) + a(1000))
    dyno.send(`HTTP/1.1 200 OK\r\n\r\n${a(size)}`)
    dyno.socket.end()
    const text = await client.closes()
    expect(text).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(text.length - text.indexOf('\r\n\r\n') - 4).toBe(size)
  })

  test('a complete answer is relayed at once while the dyno goes on listening, what the client still sends is dropped', async ({
    makeRig,
  }) => {
    const {pass, event} = await makeRig()
    const {client, dyno} = await pass(post(1_000_000) + a(1000))
    dyno.send('HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno')
    client.send(a(100_000))
    expect(await client.closes()).toMatch(/^HTTP\/1\.1 413 Too Large.*Connection: close\r\n\r\nno$/s)
    await dyno.closes()
    expect((await event()).status).toBe(413)
  })

  test('both directions flow at once: an echo of an endless upload', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(`POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n`)
    dyno.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n')
    await client.reads(/1\r\na\r\n$/)
    client.send('1\r\nb\r\n')
    await dyno.reads(/1\r\nb\r\n$/)
    dyno.send('1\r\nb\r\n')
    await client.reads(/1\r\nb\r\n$/)
    client.send('0\r\n\r\n')
    await dyno.reads(/0\r\n\r\n$/)
    dyno.send('0\r\n\r\n')
    expect(await client.closes()).toMatch(/0\r\n\r\n$/)
  })
})

describe('b.2, pipelining', () => {
  test('requests sent ahead are answered in their order', async ({makeRig}) => {
    const rig = await makeRig()
    rig.dyno.answers(head => {
      const path = head.split(' ')[1] ?? ''
      return `HTTP/1.1 200 OK\r\nContent-Length: ${path.length}\r\n\r\n${path}`
    })
    const requests = ['/1', '/2', '/3'].map(path => `GET ${path} HTTP/1.1\r\n${host}\r\n`).join('')
    const client = (await rig.connect()).send(
      `${requests}POST /4 HTTP/1.1\r\n${host}Content-Length: 3\r\n\r\nabcGET /5 HTTP/1.1\r\n${host}Connection: close\r\n\r\n`,
    )
    const text = await client.closes()
    expect([...text.matchAll(/\r\n\r\n(\/\d)/g)].map(match => match[1])).toEqual(['/1', '/2', '/3', '/4', '/5'])
    await expect.poll(() => rig.events.map(({path}) => path)).toEqual(['/1', '/2', '/3', '/4', '/5'])
  })

  test('nothing after a request that closes is looked at', async ({makeRig}) => {
    const rig = await makeRig()
    rig.dyno.answers(ok)
    await rig.ask(`GET /1 HTTP/1.1\r\n${host}Connection: close\r\n\r\n${get}`)
    expect(rig.events.map(({path}) => path)).toEqual(['/1'])
  })
})
