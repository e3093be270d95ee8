import {describe} from 'vitest'
import {expect, get, host, ok, test} from './rig.ts'

const request = (lines = '') => `GET / HTTP/1.1\r\n${host}${lines}\r\n`
const answer = (lines = '') => ok.replace('\r\n\r\n', `\r\n${lines}\r\n`)
const close = 'Connection: close\r\n'
const keep = 'Connection: keep-alive\r\n'

describe('b.5, connections to dynos are kept as by Router 2.0', () => {
  test.for([
    ['keepalive_keepalive_keepalive', keep, keep, true, true],
    ['keepalive_default_default', '', '', true, true],
    ['keepalive_keepalive_close', keep, close, true, false],
    ['keepalive_close_keepalive', close, keep, false, true],
    ['keepalive_close_close', close, close, false, false],
  ] as const)('%s', async ([, ours, theirs, clientStays, dynoStays], {makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(request(ours))
    expect(dyno.text).toMatch(/^Connection: keep-alive\r$/m)
    dyno.send(answer(theirs))
    await client.reads(clientStays ? /Connection: keep-alive\r\n\r\nok$/ : /Connection: close\r\n\r\nok$/)
    if (!clientStays) await client.closes()
    if (!dynoStays) await dyno.closes()
    const next = clientStays ? client : await rig.connect()
    dyno.clear()
    next.clear()
    next.send(request())
    const again = dynoStays ? dyno : await rig.dyno.accept()
    await again.reads(/^GET .*\r\n\r\n$/s)
    again.send(ok)
    await next.reads(/ok$/)
    expect(rig.dyno.peers).toHaveLength(dynoStays ? 1 : 2)
  })

  test('Connect-Time and connect are 0 on a kept connection', async ({makeRig}) => {
    const rig = await makeRig()
    rig.dyno.answers((head: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${head.length}\r\n\r\n${head}`)
    const client = (await rig.connect()).send(get)
    await client.reads(/Connection: keep-alive$/)
    client.clear()
    client.send(get)
    await client.reads(/Connect-Time: 0\r\n.*Total-Route-Time: 0\r\nConnection: keep-alive$/s)
    expect(rig.events.at(-1)?.connectMs).toBe(0)
  })

  test.for([
    ['keepalive_http_1_0', 'HTTP/1.0 200 OK\r\nContent-Length: 2\r\n\r\nok', false],
    ['keepalive_http_1_0 with keep-alive', `HTTP/1.0 200 OK\r\n${keep}Content-Length: 2\r\n\r\nok`, true],
    ['keepalive_chunked', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\n\r\n', true],
    ['keepalive_close_delimited', 'HTTP/1.1 200 OK\r\n\r\nok', false],
  ] as const)('%s: kept is %s', async ([, text, isKept], {makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(get)
    dyno.send(text)
    await client.reads(/ok/)
    if (!text.includes('\r\nContent-Length') && !text.includes('chunked')) dyno.socket.end()
    await rig.event()
    const second = (await rig.connect()).send(get)
    await expect.poll(() => rig.dyno.peers.length === 2 || /GET.*GET/s.test(dyno.text)).toBe(true)
    expect(rig.dyno.peers).toHaveLength(isKept ? 1 : 2)
    second.close()
  })

  test('idle for 90 s: the connection goes', async ({makeRig}) => {
    const rig = await makeRig({limits: {idleDynoMs: 60, connectMs: 1000, quarantineMs: 1000}})
    const {client, dyno} = await rig.pass(get)
    dyno.send(ok)
    await client.reads(/ok$/)
    await dyno.closes()
  })

  test('a dyno that says `Keep-Alive: timeout=N` is left before that', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(get)
    dyno.send(answer('Keep-Alive: timeout=1\r\n'))
    await client.reads(/ok$/)
    await dyno.closes()
  })

  test('bytes that nobody asked for end a kept connection, and reach nobody', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(get)
    dyno.send(ok)
    await client.reads(/ok$/)
    dyno.send('HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil')
    await dyno.closes()
    client.clear()
    client.send(get)
    const next = await rig.dyno.accept()
    await next.reads(/\r\n\r\n$/)
    next.send(ok)
    const {input} = await client.reads(/ok$/)
    expect(input).not.toMatch(/evil/)
  })

  test('bytes after a complete answer end the connection too', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(get)
    dyno.send(`${ok}HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nevil`)
    await client.reads(/ok$/)
    await dyno.closes()
  })

  test.for(['GET', 'HEAD', 'PUT', 'DELETE', 'OPTIONS'])(
    'a %s on a connection that the dyno just closed goes once more on a new one',
    async (method, {makeRig}) => {
      const rig = await makeRig()
      const {client, dyno} = await rig.pass(get)
      dyno.send(ok)
      await client.reads(/ok$/)
      client.clear()
      dyno.socket.on('data', () => dyno.reset())
      client.send(`${method} /again HTTP/1.1\r\n${host}\r\n`)
      const next = await rig.dyno.accept()
      await next.reads(/\/again/)
      next.send(method === 'HEAD' ? 'HTTP/1.1 200 OK\r\n\r\n' : ok)
      await client.reads(/^HTTP\/1\.1 200 OK/)
      expect(rig.events).toHaveLength(2)
    },
  )

  test.for([
    ['POST', 'POST', ''],
    ['a body', 'PUT', 'Content-Length: 1\r\n'],
  ] as const)('%s does not', async ([, method, lines], {makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(get)
    dyno.send(ok)
    await client.reads(/ok$/)
    client.clear()
    dyno.socket.on('data', () => dyno.reset())
    client.send(`${method} / HTTP/1.1\r\n${host}${lines}\r\n${lines === '' ? '' : 'x'}`)
    await client.reads(/^HTTP\/1\.1 503 /)
    expect(rig.events.at(-1)?.code).toBe('H13')
    expect(rig.dyno.peers).toHaveLength(1)
  })

  test('nor does anything of which the dyno answered a byte', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(get)
    dyno.send(ok)
    await client.reads(/ok$/)
    client.clear()
    dyno.socket.on('data', () => {
      dyno.send('HTTP')
      dyno.socket.end()
    })
    client.send(get)
    await client.reads(/^HTTP\/1\.1 503 /)
    expect(rig.events.at(-1)?.code).toBe('H18')
  })
})
