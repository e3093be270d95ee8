import {describe} from 'vitest'
import {expect, get, host, ok, test} from './rig.ts'

const post = (size: number) => `POST /up HTTP/1.1\r\n${host}Content-Length: ${size}\r\n\r\n`
/** Waits that a test can wait for; those that it is not about stay long. */
const short = 150

describe('b.6 and b.7, every code with its status, its fields and its page', () => {
  test('H10: a crashed app answers at once', async ({makeRig}) => {
    const rig = await makeRig({dynos: 0})
    rig.web.setEmptyState('crashed')
    const client = (await rig.connect()).send(get)
    await client.reads(/^HTTP\/1\.1 503 Service Unavailable\r\n.*Connection: keep-alive.*Application error.*H10 App crashed/s)
    expect(await rig.line()).toMatch(
      /^at=error code=H10 desc="App crashed" method=GET path="\/" host=app\.localhost request_id=\S+ fwd="127\.0\.0\.1" dyno= connect= service= status=503 bytes= protocol=http$/,
    )
    expect(client.isClosed).toBe(false)
  })

  test('H10 also for those that waited while it crashed', async ({makeRig}) => {
    const rig = await makeRig({dynos: 0})
    const client = (await rig.connect()).send(get)
    await rig.settle()
    rig.web.setEmptyState('crashed')
    await client.reads(/^HTTP\/1\.1 503 /)
    expect((await rig.event()).code).toBe('H10')
  })

  test('R10: a notice is answered instead of the dynos, with H10', async ({makeRig}) => {
    const rig = await makeRig()
    rig.web.setNotice('Error R10 (Boot timeout): the web process listens on port 3000, not on $PORT <5007>')
    const client = (await rig.connect()).send(get)
    await client.reads(/^HTTP\/1\.1 503 .*listens on port 3000, not on \$PORT &lt;5007&gt;/s)
    expect((await rig.event()).code).toBe('H10')
    rig.web.setNotice(undefined)
    rig.dyno.answers(ok)
    client.clear()
    await client.send(get).reads(/^HTTP\/1\.1 200 /)
  })

  test('H11: more than 200 requests under way for each dyno', async ({makeRig}) => {
    const rig = await makeRig({sizes: {requestsPerDyno: 2}})
    const clients = await Promise.all([rig.connect(), rig.connect()])
    for (const client of clients) client.send(get)
    for (const _ of clients) await (await rig.dyno.accept()).reads(/\r\n\r\n/)
    await (await rig.connect()).send(get).reads(/^HTTP\/1\.1 503 /)
    expect(await rig.line()).toMatch(/^at=error code=H11 desc="Backlog too deep" .* dyno= connect= service= status=503 bytes= /)
    for (const peer of rig.dyno.peers) peer.send(ok)
    for (const client of clients) await client.reads(/ok$/)
    rig.dyno.answers(ok)
    await (await rig.connect()).send(get).reads(/ok$/)
  })

  test('H12: no byte within 30 s of the request', async ({makeRig}) => {
    const rig = await makeRig({limits: {firstByteMs: short, connectMs: 1000}})
    const {client, dyno} = await rig.pass(get)
    await client.reads(/^HTTP\/1\.1 503 /)
    await dyno.closes()
    expect(client.isClosed).toBe(false)
    const event = await rig.event()
    expect(event.serviceMs).toBeGreaterThanOrEqual(short)
    expect(event.line).toMatch(/^at=error code=H12 desc="Request timeout" .* dyno=web\.1 connect=\d+ms service=\d+ms status=503 bytes=0 /)
  })

  test('the 30 s begin when the body was sent', async ({makeRig}) => {
    const rig = await makeRig({limits: {firstByteMs: short, uploadIdleMs: 2000, connectMs: 1000}})
    const {client, dyno} = await rig.pass(post(4))
    for (const byte of 'abcd') {
      await new Promise(resolve => setTimeout(resolve, short))
      client.send(byte)
    }
    await dyno.reads(/abcd$/)
    expect(client.text).toBe('')
    await client.reads(/^HTTP\/1\.1 503 /)
    expect((await rig.event()).code).toBe('H12')
  })

  test('H13: closed without a byte', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(get)
    dyno.close()
    await client.reads(/^HTTP\/1\.1 503 /)
    expect(await rig.line()).toMatch(
      /^at=error code=H13 desc="Connection closed without response" .* dyno=web\.1 connect=\d+ms service=\d+ms status=503 bytes=0 /,
    )
  })

  test('H14: no web dynos', async ({makeRig}) => {
    const rig = await makeRig({dynos: 0})
    rig.web.setEmptyState('none')
    await (await rig.connect()).send(get).reads(/^HTTP\/1\.1 503 /)
    expect(await rig.line()).toMatch(/^at=error code=H14 desc="No web processes running" .* dyno= connect= service= status=503 bytes= /)
  })

  test('H15: 55 s of silence after the first byte cut the answer', async ({makeRig}) => {
    const rig = await makeRig({limits: {rollingMs: short, connectMs: 1000}})
    const {client, dyno} = await rig.pass(get)
    dyno.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345')
    expect(await client.closes()).toMatch(/^HTTP\/1\.1 200 OK.*12345$/s)
    expect(client.wasReset).toBe(true)
    await dyno.closes()
    expect(await rig.line()).toMatch(
      /^at=error code=H15 desc="Idle connection" .* dyno=web\.1 connect=\d+ms service=\d+ms status=503 bytes=5 /,
    )
  })

  test('every byte begins the 55 s anew', async ({makeRig}) => {
    const rig = await makeRig({limits: {rollingMs: 400, connectMs: 1000}})
    const {client, dyno} = await rig.pass(get)
    dyno.send('HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\n')
    for (const byte of 'abcdef') {
      await new Promise(resolve => setTimeout(resolve, 150))
      dyno.send(byte)
    }
    await client.reads(/abcdef$/)
    expect((await rig.event()).code).toBeUndefined()
  })

  test('H15 with a page when only a part of the head came', async ({makeRig}) => {
    const rig = await makeRig({limits: {rollingMs: short, connectMs: 1000}})
    const {client, dyno} = await rig.pass(get)
    dyno.send('HTTP/1.1 200 OK\r\nConte')
    await client.reads(/^HTTP\/1\.1 503 /)
    expect((await rig.event()).code).toBe('H15')
  })

  test('H18: closed in the middle of an answer', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(get)
    dyno.send('HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n12345')
    await client.reads(/12345$/)
    dyno.close()
    await client.closes()
    expect(client.wasReset).toBe(true)
    expect(await rig.line()).toMatch(
      /^sock=backend at=error code=H18 desc="Server Request Interrupted" .* dyno=web\.1 connect=\d+ms service=\d+ms status=503 bytes=5 /,
    )
  })

  test('H20: 75 s in the queue while a dyno starts', async ({makeRig}) => {
    const rig = await makeRig({dynos: 0, limits: {queueMs: short, connectMs: 1000}})
    await (await rig.connect()).send(get).reads(/^HTTP\/1\.1 503 /)
    expect(await rig.line()).toMatch(/^at=error code=H20 desc="App boot timeout" .* dyno= connect= service= status=503 bytes= /)
  })

  test('requests wait for the dyno that starts', async ({makeRig}) => {
    const rig = await makeRig({dynos: 1})
    rig.web.remove('web.1')
    const clients = await Promise.all([rig.connect(), rig.connect(), rig.connect()])
    for (const client of clients) client.send(`${post(3)}abc`)
    await rig.settle()
    rig.dyno.answers((_, body) => `HTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\n${body}`)
    rig.web.add({name: 'web.1', host: '127.0.0.1', port: rig.dyno.port})
    for (const client of clients) await client.reads(/^HTTP\/1\.1 200 OK.*abc$/s)
  })

  test('H21: refused by all', async ({makeRig}) => {
    const rig = await makeRig({dynos: 2})
    for (const dyno of rig.dynos) await dyno.close()
    await (await rig.connect()).send(get).reads(/^HTTP\/1\.1 503 /)
    expect(await rig.line()).toMatch(
      /^at=error code=H21 desc="Backend connection refused" .* dyno=web\.[12] connect=\d+ms service= status=503 bytes= /,
    )
  })

  test('H22: too many client connections', async ({makeRig}) => {
    const rig = await makeRig({sizes: {clientConnections: 1}})
    await rig.connect()
    const second = (await rig.connect()).send(get)
    expect(await second.closes()).toMatch(/^HTTP\/1\.1 503 /)
    expect(await rig.line()).toMatch(/^at=error code=H22 desc="Connection limit reached" .* dyno= connect= service= status=503 bytes= /)
  })

  test('H24: the router was shut down; the status is empty', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(get)
    await rig.router.close({drainMs: 20})
    expect(await client.closes()).toBe('')
    await dyno.closes()
    expect(await rig.line()).toMatch(/^at=error code=H24 desc="Forced close" .* dyno=web\.1 connect=\d+ms service=\d+ms status= bytes=0 /)
  })

  test('H27: the client went away', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(get)
    client.close()
    await dyno.closes()
    expect(await rig.line()).toMatch(
      /^sock=client at=warning code=H27 desc="Client Request Interrupted" .* dyno=web\.1 connect=\d+ms service=\d+ms status=499 bytes=0 /,
    )
  })

  test('H27: also while it waits for a dyno', async ({makeRig}) => {
    const rig = await makeRig({dynos: 0})
    const client = (await rig.connect()).send(get)
    await rig.settle()
    client.close()
    expect(await rig.line()).toMatch(/ code=H27 .* dyno= connect= service= status=499 bytes= /)
  })

  test('H28: the client says nothing for 55 s in the middle of its body', async ({makeRig}) => {
    const rig = await makeRig({limits: {uploadIdleMs: short, connectMs: 1000}})
    const {client, dyno} = await rig.pass(`${post(10)}abc`)
    await client.closes()
    await dyno.closes()
    expect(await rig.line()).toMatch(
      /^at=warning code=H28 desc="Client Connection Idle" .* dyno=web\.1 connect=\d+ms service=\d+ms status=499 bytes=0 /,
    )
  })

  test('H80: maintenance, dynos up or not', async ({makeRig}) => {
    const rig = await makeRig()
    rig.web.isInMaintenance = true
    await (await rig.connect()).send(get).reads(/^HTTP\/1\.1 503 .*maintenance.*<code>homeport maintenance:off<\/code>/s)
    expect(await rig.line()).toMatch(/^at=info code=H80 desc="Maintenance mode" .* dyno= connect= service= status=503 bytes= /)
    expect(rig.dyno.peers).toHaveLength(0)
  })

  test('H81: nothing was released yet', async ({makeRig}) => {
    const rig = await makeRig({dynos: 0})
    rig.web.setEmptyState('blank')
    await (await rig.connect()).send(get).reads(/^HTTP\/1\.1 503 /)
    expect(await rig.line()).toMatch(/^at=info code=H81 desc="Blank app" .* status=503 bytes= /)
  })

  test('an idle client connection is closed after 60 s, without a word', async ({makeRig}) => {
    const rig = await makeRig({limits: {idleClientMs: short, connectMs: 1000}})
    expect(await (await rig.connect()).closes()).toBe('')
    rig.dyno.answers(ok)
    const client = (await rig.connect()).send(get)
    await client.reads(/ok$/)
    await client.closes()
    expect(rig.events).toHaveLength(1)
  })

  test('a head that never ends is cut off 60 s after it began', async ({makeRig}) => {
    const rig = await makeRig({limits: {idleClientMs: short, connectMs: 1000}})
    const client = (await rig.connect()).send(`GET / HTTP/1.1\r\n${host}`)
    const drip = setInterval(() => client.send('A: 1\r\n'), 20)
    try {
      expect(await client.closes()).toBe('')
    } finally {
      clearInterval(drip)
    }
    expect(rig.events).toHaveLength(0)
  })

  test('an answer of the app is its own, whatever its status', async ({makeRig}) => {
    const rig = await makeRig()
    rig.web.errorPageUrl = 'https://example.com/error.html'
    rig.dyno.answers('HTTP/1.1 503 Mine\r\nContent-Length: 2\r\n\r\nmy')
    await (await rig.connect()).send(get).reads(/^HTTP\/1\.1 503 Mine\r\n.*my$/s)
    expect(await rig.line()).toMatch(/^at=info method=GET .* dyno=web\.1 connect=\d+ms service=\d+ms status=503 bytes=2 protocol=http$/)
  })
})

describe('508, requests that go in circles', () => {
  test('a dyno that asks the router for what it is asked', async ({makeRig}) => {
    const rig = await makeRig({dynos: 1})
    const loop = async () => {
      for (;;) {
        const peer = await rig.dyno.accept()
        await peer.reads(/\r\n\r\n/)
        const client = (await rig.connect()).send(peer.text.replace(/Connection: keep-alive/i, 'Connection: close'))
        void client.closes().then(text => peer.send(text).socket.end())
      }
    }
    void loop()
    const client = (await rig.connect()).send(get)
    await client.reads(/^HTTP\/1\.1 508 Loop Detected\r\n.*Loop detected/s)
    await expect.poll(() => rig.events.length).toBe(11)
    expect(rig.events[0]?.line).toMatch(/^at=error method=GET .* dyno= connect= service= status=508 bytes= /)
  })
})
