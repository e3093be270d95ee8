import {describe} from 'vitest'
import type {Peer} from './peer.ts'
import {expect, get, host, ok, test} from './rig.ts'

const megabyte = 1_048_576

/** A dyno's answer with a body of that size. */
function answer(size: number): Buffer {
  return Buffer.concat([Buffer.from(`HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n`), Buffer.alloc(size, 'a')])
}

/** Waits until nothing more of what was written leaves; gives how much is left. */
async function stall(peer: Peer): Promise<number> {
  let left = -1
  await expect
    .poll(
      () => {
        const isStill = peer.socket.writableLength === left
        left = peer.socket.writableLength
        return isStill
      },
      {interval: 150, timeout: 10_000},
    )
    .toBe(true)
  return left
}

describe('b.1, slow clients', () => {
  test('the dyno is free once it handed over a megabyte, however slowly the client reads', async ({makeRig}) => {
    const rig = await makeRig()
    const client = await rig.connect()
    client.socket.pause()
    client.send(get)
    const dyno = await rig.dyno.accept()
    await dyno.reads(/\r\n\r\n$/)
    dyno.send(answer(megabyte - 70_000))
    expect(await rig.event()).toMatchObject({status: 200, bytes: megabyte - 70_000})
    const other = (await rig.connect()).send(get)
    await dyno.reads(/GET.*GET/s)
    dyno.send(ok)
    await other.reads(/ok$/)
    client.socket.resume()
    await client.reads(/a{1000}$/)
    await client.readsBytes(megabyte - 70_000)
  })

  test('more than that waits in the dyno', async ({makeRig}) => {
    const rig = await makeRig()
    const client = await rig.connect()
    client.socket.pause()
    client.send(get)
    const dyno = await rig.dyno.accept()
    await dyno.reads(/\r\n\r\n$/)
    dyno.send(answer(40 * megabyte))
    expect(await stall(dyno)).toBeGreaterThan(20 * megabyte)
    expect(rig.events).toHaveLength(0)
    client.socket.resume()
    await client.readsBytes(40 * megabyte)
    expect((await rig.event()).bytes).toBe(40 * megabyte)
  })

  test('one that reads a little now and then is not cut off; one that stops is, with H28', async ({makeRig}) => {
    const rig = await makeRig({limits: {rollingMs: 2000}})
    const client = await rig.connect()
    client.socket.pause()
    client.send(get)
    const dyno = await rig.dyno.accept()
    await dyno.reads(/\r\n\r\n$/)
    dyno.send(answer(60 * megabyte))
    // The kernels let the next bytes through when a good part of their buffers was read: about twice a second here.
    for (let i = 0; i < 120; i++) {
      await new Promise(resolve => setTimeout(resolve, 20))
      client.socket.resume()
      await new Promise(resolve => client.socket.once('data', resolve))
      client.socket.pause()
    }
    expect(rig.events).toHaveLength(0)
    expect((await rig.event()).code).toBe('H28')
    await dyno.closes()
  })

  test('answers that pile up unread stop the requests', async ({makeRig}) => {
    const rig = await makeRig()
    rig.dyno.answers(answer(600_000).toString('latin1'))
    const client = await rig.connect()
    client.socket.pause()
    client.send(get.repeat(100))
    await expect.poll(() => rig.events.length).toBeGreaterThan(2)
    let count = -1
    await expect
      .poll(
        () => {
          const isStill = rig.events.length === count
          count = rig.events.length
          return isStill
        },
        {interval: 200},
      )
      .toBe(true)
    expect(count).toBeLessThan(60)
    client.socket.resume()
    await expect.poll(() => rig.events.length, {timeout: 10_000}).toBe(100)
  })
})

describe('memory that is read into again and again', () => {
  /** Three times this length is a megabyte; a reader can tell from any part of it whose it is. */
  const body = (name: string, size: number) => `<${name}>`.repeat(Math.ceil(size / (name.length + 2))).slice(0, size)

  test.for([
    [3000, 10_000],
    [9000, 10_000],
    [40_000, 10_000],
    [40_000, 100_000],
    [350_000, 1_000_000],
  ] as const)(
    'answers of %i bytes, sent in pieces of %i, that wait for slow clients stay what they were',
    async ([size, pieceBytes], {makeRig}) => {
      const rig = await makeRig({dynos: 2})
      for (const dyno of rig.dynos) {
        dyno.answers(
          head => {
            const name = head.split(' ')[1] ?? ''
            return `HTTP/1.1 200 OK\r\nContent-Length: ${size}\r\n\r\n${body(name, size)}`
          },
          {pieceBytes},
        )
      }
      const count = Math.ceil(8_000_000 / size)
      const clients = await Promise.all([rig.connect(), rig.connect(), rig.connect()])
      const expected = clients.map((_, number) => Array.from({length: count}, (_, i) => `/${number}-${i}`))
      for (const [number, client] of clients.entries()) {
        client.socket.pause()
        client.send((expected[number] ?? []).map(path => `GET ${path} HTTP/1.1\r\n${host}\r\n`).join(''))
      }
      let handled = -1
      await expect
        .poll(
          () => {
            const isStill = rig.events.length === handled
            handled = rig.events.length
            return isStill
          },
          {interval: 200, timeout: 10_000},
        )
        .toBe(true)
      for (const [number, client] of clients.entries()) {
        client.socket.resume()
        const {index} = await client.reads(/\r\n\r\n/)
        await client.readsBytes(count * (index + 4 + size))
        const bodies = client.text.split(/HTTP\/1\.1 200 OK\r\n.*?\r\n\r\n/s).slice(1)
        expect(bodies.length).toBe(count)
        expect(bodies.every((text, i) => text === body(expected[number]?.[i] ?? '', size))).toBe(true)
      }
    },
  )
})

describe('slow dynos', () => {
  test('one that does not read its request stops the client, and gets H12', async ({makeRig}) => {
    const rig = await makeRig({limits: {uploadIdleMs: 400, connectMs: 1000}})
    const {client, dyno} = await rig.pass(`POST / HTTP/1.1\r\n${host}Content-Length: ${60 * megabyte}\r\n\r\n`)
    dyno.socket.pause()
    client.send(Buffer.alloc(60 * megabyte))
    expect(await stall(client)).toBeGreaterThan(20 * megabyte)
    await client.reads(/^HTTP\/1\.1 503 /)
    expect((await rig.event()).code).toBe('H12')
  })

  test('a body waits in the client while there is no dyno, but for 64 KB', async ({makeRig}) => {
    const rig = await makeRig({dynos: 1})
    rig.web.remove('web.1')
    const client = (await rig.connect()).send(`POST / HTTP/1.1\r\n${host}Content-Length: ${40 * megabyte}\r\n\r\n`)
    client.send(Buffer.alloc(40 * megabyte))
    expect(await stall(client)).toBeGreaterThan(20 * megabyte)
    rig.web.add({name: 'web.1', host: '127.0.0.1', port: rig.dyno.port})
    const dyno = await rig.dyno.accept()
    await dyno.readsBytes(40 * megabyte)
    dyno.send(ok)
    await client.reads(/ok$/)
  })

  test('a client that was stopped goes on when a dyno took what was there', async ({makeRig}) => {
    const rig = await makeRig({dynos: 1, sizes: {lookAheadBytes: 1000}})
    rig.web.remove('web.1')
    const client = (await rig.connect()).send(`POST / HTTP/1.1\r\n${host}Content-Length: 4000\r\n\r\n${'a'.repeat(2000)}`)
    await rig.settle()
    client.send('b'.repeat(2000))
    rig.web.add({name: 'web.1', host: '127.0.0.1', port: rig.dyno.port})
    await (await rig.dyno.accept()).reads(/a{2000}b{2000}$/)
  })
})

describe('the end of the router', () => {
  test('idle clients are closed at once, requests under way end, new ones are not taken', async ({makeRig}) => {
    const rig = await makeRig()
    const idle = await rig.connect()
    const {client, dyno} = await rig.pass(get)
    const closed = rig.router.close({drainMs: 10_000})
    expect(await idle.closes()).toBe('')
    await expect(rig.connect()).rejects.toThrow('ECONNREFUSED')
    dyno.send(ok)
    expect(await client.closes()).toMatch(/^HTTP\/1\.1 200 OK.*Connection: close.*ok$/s)
    await closed
    await dyno.closes()
  })
})
