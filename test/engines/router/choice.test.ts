import {describe} from 'vitest'
import {openDeafServer} from './deaf-server.ts'
import {Dyno, expect, get, host, ok, type Rig, test} from './rig.ts'

/** Upper bound of chi-squared with 3 degrees of freedom that chance exceeds once in 10,000 runs. */
const chiSquaredBound = 21.1

function named(name: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Length: ${name.length}\r\n\r\n${name}`
}

async function askMany(rig: Rig, count: number): Promise<string[]> {
  const client = await rig.connect()
  const names: string[] = []
  for (let i = 0; i < count; i++) {
    client.clear()
    client.send(get)
    const {1: name = ''} = await client.reads(/\r\n\r\n(web\.\d)$/)
    names.push(name)
  }
  return names
}

describe('b.1 and b.5, which dyno', () => {
  test('1,000 requests on 4 dynos are spread by chance', async ({makeRig}) => {
    const rig = await makeRig({dynos: 4})
    for (const [index, dyno] of rig.dynos.entries()) dyno.answers(named(`web.${index + 1}`))
    const counts = new Map<string, number>()
    for (const name of await askMany(rig, 1000)) counts.set(name, (counts.get(name) ?? 0) + 1)
    const chiSquared = [...counts.values()].reduce((sum, count) => sum + (count - 250) ** 2 / 250, 0)
    expect(counts.size).toBe(4)
    expect(chiSquared).toBeLessThan(chiSquaredBound)
    expect(chiSquared).toBeGreaterThan(0)
  })

  test('a dyno that refuses is tried once, then left alone for 5 s; nobody notices', async ({makeRig}) => {
    const rig = await makeRig({dynos: 2, random: () => 0})
    const [down, up] = rig.dynos as [Dyno, Dyno]
    const {port} = down
    await down.close()
    up.answers(named('web.2'))
    expect(await askMany(rig, 20)).toEqual(Array(20).fill('web.2'))
    const again = await Dyno.listen('127.0.0.1', port)
    again.answers(named('web.1'))
    expect(await askMany(rig, 20)).toEqual(Array(20).fill('web.2'))
    await again.close()
  })

  test('after the quarantine it is tried again', async ({makeRig}) => {
    const rig = await makeRig({dynos: 2, random: () => 0, limits: {quarantineMs: 100}})
    const [down, up] = rig.dynos as [Dyno, Dyno]
    const {port} = down
    await down.close()
    up.answers(named('web.2'))
    await askMany(rig, 1)
    const again = await Dyno.listen('127.0.0.1', port)
    again.answers(named('web.1'))
    await expect.poll(async () => (await askMany(rig, 1))[0]).toBe('web.1')
    await again.close()
  })

  test('at most 10 dynos are tried', async ({makeRig}) => {
    const rig = await makeRig({dynos: 11, random: () => 0})
    for (const dyno of rig.dynos.slice(0, 10)) await dyno.close()
    rig.dynos[10]?.answers(ok)
    await (await rig.connect()).send(get).reads(/^HTTP\/1\.1 503 /)
    expect(await rig.event()).toMatchObject({code: 'H21', dyno: 'web.10'})
    await (await rig.connect()).send(get).reads(/^HTTP\/1\.1 200 /)
  })

  test('H19: no connection within 5 s', async ({makeRig, onTestFinished}) => {
    const deaf = await openDeafServer()
    onTestFinished(deaf.close)
    const rig = await makeRig({dynos: 0, limits: {connectMs: 200}})
    rig.web.add({name: 'web.1', host: '127.0.0.1', port: deaf.port})
    await (await rig.connect()).send(get).reads(/^HTTP\/1\.1 503 /)
    const event = await rig.event()
    expect(event.connectMs).toBeGreaterThanOrEqual(200)
    expect(event.line).toMatch(
      /^at=error code=H19 desc="Backend connection timeout" .* dyno=web\.1 connect=\d+ms service= status=503 bytes= /,
    )
  })

  test('all in quarantine: the router looks again and again, and finds the one that comes back', async ({makeRig}) => {
    const rig = await makeRig({limits: {quarantineMs: 200}})
    const {port} = rig.dyno
    await rig.dyno.close()
    await (await rig.connect()).send(get).reads(/^HTTP\/1\.1 503 /)
    const again = await Dyno.listen('127.0.0.1', port)
    again.answers(ok)
    await (await rig.connect()).send(get).reads(/^HTTP\/1\.1 200 /)
    await again.close()
  })

  test('H99: all in quarantine for 75 s', async ({makeRig}) => {
    const rig = await makeRig({limits: {queueMs: 150, quarantineMs: 60_000, connectMs: 1000}})
    await rig.dyno.close()
    await (await rig.connect()).send(get).reads(/^HTTP\/1\.1 503 /)
    await (await rig.connect()).send(get).reads(/^HTTP\/1\.1 503 /)
    expect(rig.events.map(({code}) => code)).toEqual(['H21', 'H99'])
    expect(rig.events[1]?.line).toMatch(/^at=error code=H99 desc="Platform error" .* dyno= connect= service= status=503 bytes= /)
  })

  test('a dyno added meanwhile ends the wait', async ({makeRig}) => {
    const rig = await makeRig({limits: {quarantineMs: 60_000}})
    await rig.dyno.close()
    await (await rig.connect()).send(get).reads(/^HTTP\/1\.1 503 /)
    const client = (await rig.connect()).send(get)
    await rig.settle()
    const fresh = await Dyno.listen()
    fresh.answers(ok)
    rig.web.add({name: 'web.2', host: '127.0.0.1', port: fresh.port})
    await client.reads(/^HTTP\/1\.1 200 /)
    await fresh.close()
  })

  test('a removed dyno gets no new request, its running one ends, its kept connections close', async ({makeRig}) => {
    const rig = await makeRig({dynos: 2, random: () => 0})
    const [old, next] = rig.dynos as [Dyno, Dyno]
    next.answers(named('web.2'))
    const kept = (await rig.connect()).send(get)
    const keptPeer = await old.accept()
    await keptPeer.reads(/\r\n\r\n$/)
    const running = (await rig.connect()).send(get)
    const runningPeer = await old.accept()
    await runningPeer.reads(/\r\n\r\n$/)
    keptPeer.send(ok)
    await kept.reads(/ok$/)
    rig.web.remove('web.1')
    await keptPeer.closes()
    expect(await askMany(rig, 5)).toEqual(Array(5).fill('web.2'))
    runningPeer.send(ok)
    await running.reads(/ok$/)
    await runningPeer.closes()
  })

  test('of two dynos with one name the older is removed', async ({makeRig}) => {
    const rig = await makeRig()
    const young = await Dyno.listen()
    young.answers(ok)
    rig.web.add({name: 'web.1', host: '127.0.0.1', port: young.port})
    rig.web.remove('web.1')
    await (await rig.connect()).send(get).reads(/ok$/)
    expect(rig.dyno.peers).toHaveLength(0)
    await young.close()
  })

  test('a dyno that listens on ::1 only is found under the host localhost, and remembered', async ({makeRig}) => {
    const rig = await makeRig({dynos: 0})
    const dyno = await Dyno.listen('::1')
    dyno.answers(ok.replace('\r\n\r\n', '\r\nConnection: close\r\n\r\n'))
    rig.web.add({name: 'web.1', host: 'localhost', port: dyno.port})
    const client = await rig.connect()
    for (let i = 0; i < 3; i++) {
      client.clear()
      await client.send(get).reads(/ok$/)
    }
    expect(rig.events.map(({code}) => code)).toEqual([undefined, undefined, undefined])
    await dyno.close()
  })

  test('clients come by IPv4 and IPv6, and are named as they came', async ({makeRig}) => {
    const rig = await makeRig({addresses: ['127.0.0.1', '::1']})
    rig.dyno.answers(ok)
    await (await rig.connect('127.0.0.1')).send(get).reads(/ok$/)
    await (await rig.connect('::1')).send(get).reads(/ok$/)
    expect(rig.events.map(({fwd}) => fwd)).toEqual(['127.0.0.1', '::1'])
  })

  test('a v4 client of a dual-stack listener prints as plain v4', async ({makeRig}) => {
    const rig = await makeRig({addresses: ['::']})
    rig.dyno.answers(ok)
    await (await rig.connect('127.0.0.1')).send(get).reads(/ok$/)
    expect((await rig.event()).fwd).toBe('127.0.0.1')
  })
})

describe('b.8, session affinity', () => {
  const affinity = /^Set-Cookie: heroku-session-affinity=([0-9a-f]{32}); Max-Age=86400; Path=\/; HttpOnly\r$/m

  test('the cookie pins a client to its dyno while that lives, then to another one', async ({makeRig}) => {
    const rig = await makeRig({dynos: 4})
    rig.web.setFeature('http-session-affinity', true)
    for (const [index, dyno] of rig.dynos.entries()) dyno.answers(named(`web.${index + 1}`))
    const client = (await rig.connect()).send(get)
    const {input, 1: name = ''} = await client.reads(/\r\n\r\n(web\.\d)$/)
    const token = affinity.exec(input)?.[1]
    expect(token).toBeDefined()
    const withCookie = `GET / HTTP/1.1\r\n${host}Cookie: a=1; heroku-session-affinity=${token}; b=2\r\n\r\n`
    for (let i = 0; i < 20; i++) {
      client.clear()
      client.send(withCookie)
      const {input: answer, 1: again} = await client.reads(/\r\n\r\n(web\.\d)$/)
      expect(again).toBe(name)
      expect(answer).not.toMatch(affinity)
    }
    rig.web.remove(name)
    client.clear()
    client.send(withCookie)
    const {input: moved, 1: other} = await client.reads(/\r\n\r\n(web\.\d)$/)
    expect(other).not.toBe(name)
    expect(affinity.exec(moved)?.[1]).not.toBe(token)
  })

  test('without the feature there is no cookie', async ({makeRig}) => {
    const rig = await makeRig()
    rig.dyno.answers(ok)
    const {input} = await (await rig.connect()).send(get).reads(/ok$/)
    expect(input).not.toMatch(/set-cookie/i)
  })

  test('a cookie that no dyno ever had is ignored', async ({makeRig}) => {
    const rig = await makeRig()
    rig.web.setFeature('http-session-affinity', true)
    rig.dyno.answers(ok)
    const client = (await rig.connect()).send(`GET / HTTP/1.1\r\n${host}Cookie: heroku-session-affinity=${'0'.repeat(32)}\r\n\r\n`)
    const {input} = await client.reads(/ok$/)
    expect(input).toMatch(affinity)
  })
})
