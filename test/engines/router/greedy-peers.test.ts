import {setFlagsFromString} from 'node:v8'
import {runInNewContext} from 'node:vm'
import {describe} from 'vitest'
import type {Peer} from './peer.ts'
import {expect, get, host, ok, type Rig, test} from './rig.ts'

const megabyte = 1_048_576
const peers = 40
/** Lent to all sockets of the test's own, which refer to it and copy nothing: what grows is the router's. */
const load = Buffer.alloc(20 * megabyte, 'a')

setFlagsFromString('--expose-gc')
const collectGarbage = runInNewContext('gc') as () => void

/** What buffers hold in this process. */
function heldBytes(): number {
  collectGarbage()
  return process.memoryUsage().arrayBuffers
}

/** Waits until nothing moves any more; gives what is held then beyond `before`. */
async function growth(before: number): Promise<number> {
  const looks: number[] = []
  await expect
    .poll(() => looks.push(Math.round((heldBytes() - before) / megabyte)) > 2 && looks.at(-1) === looks.at(-2), {
      interval: 300,
      timeout: 15_000,
    })
    .toBe(true)
  return looks.at(-1) ?? Number.NaN
}

async function connectMany(rig: Rig): Promise<readonly Peer[]> {
  return await Promise.all(Array.from({length: peers}, () => rig.connect()))
}

describe('greedy peers: what the router holds for them is bounded', () => {
  test('clients that do not read: a megabyte each, and a little', async ({makeRig}) => {
    const rig = await makeRig()
    const clients = await connectMany(rig)
    for (const client of clients) client.socket.pause()
    const before = heldBytes()
    for (const client of clients) client.send(get)
    for (let i = 0; i < peers; i++) {
      const dyno = await rig.dyno.accept()
      await dyno.reads(/\r\n\r\n/)
      dyno.send(`HTTP/1.1 200 OK\r\nContent-Length: ${load.length}\r\n\r\n`).send(load)
    }
    const grown = await growth(before)
    expect(grown).toBeGreaterThan(peers / 4)
    expect(grown).toBeLessThan(peers * 1.5)
    for (const client of clients) client.reset()
    await expect.poll(() => rig.events.length).toBe(peers)
    expect(await growth(before)).toBeLessThan(10)
  })

  test('dynos that do not read: half a megabyte each at the most', async ({makeRig}) => {
    const rig = await makeRig({limits: {uploadIdleMs: 4000, connectMs: 1000}})
    const clients = await connectMany(rig)
    const before = heldBytes()
    for (const client of clients) client.send(`POST / HTTP/1.1\r\n${host}Content-Length: ${load.length}\r\n\r\n`)
    for (let i = 0; i < peers; i++) {
      const dyno = await rig.dyno.accept()
      await dyno.reads(/\r\n\r\n/)
      dyno.socket.pause()
    }
    for (const client of clients) client.send(load)
    expect(await growth(before)).toBeLessThan(peers / 2)
    await expect.poll(() => rig.events.length, {timeout: 10_000}).toBe(peers)
  })

  test('bodies that come before there is a dyno: 64 KB each, and one read', async ({makeRig}) => {
    const rig = await makeRig({dynos: 0, limits: {queueMs: 4000, connectMs: 1000}})
    const clients = await connectMany(rig)
    const before = heldBytes()
    for (const client of clients) client.send(`POST / HTTP/1.1\r\n${host}Content-Length: ${load.length}\r\n\r\n`).send(load)
    expect(await growth(before)).toBeLessThan(peers / 4)
    // One that vanishes while nobody reads from it is noticed when its time is up.
    for (const client of clients) client.reset()
    await expect.poll(() => rig.events.length, {timeout: 10_000}).toBe(peers)
    expect(rig.web.active).toBe(0)
  })
})

describe('clients that vanish', () => {
  const post = `POST / HTTP/1.1\r\n${host}Content-Length: 10\r\n\r\n`

  test.for([
    ['in the middle of a head', `GET / HTTP/1.1\r\n${host}X: `, '', 0],
    ['in the middle of a body', `${post}abc`, '', 1],
    ['while they wait', get, '', 1],
    ['in the middle of an answer', get, 'HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc', 1],
    ['in a tunnel', `GET / HTTP/1.1\r\n${host}Upgrade: x\r\nConnection: Upgrade\r\n\r\n`, 'HTTP/1.1 101 Switching\r\n\r\n', 1],
  ] as const)('%s leave nothing behind: no dyno connection, no request under way', async ([, request, answer, requests], {makeRig}) => {
    const rig = await makeRig()
    const clients = await connectMany(rig)
    for (const client of clients) client.send(request)
    for (let i = 0; i < peers * requests; i++) {
      const dyno = await rig.dyno.accept()
      await dyno.reads(/\r\n\r\n/)
      if (answer !== '') dyno.send(answer)
    }
    if (answer !== '') for (const client of clients) await client.reads(/\r\n\r\n/)
    else await rig.settle()
    for (const [index, client] of clients.entries()) {
      if (index % 2 === 0) client.reset()
      else client.close()
    }
    await expect.poll(() => rig.events.length).toBe(peers * requests)
    await Promise.all(rig.dyno.peers.map(peer => peer.closes()))
    expect(rig.web.active).toBe(0)
    rig.events.length = 0
    rig.dyno.answers(ok)
    await (await rig.connect()).send(get).reads(/ok$/)
  })
})
