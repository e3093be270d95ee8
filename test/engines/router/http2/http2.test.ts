import {constants} from 'node:http2'
import {describe} from 'vitest'
import {expect, ok} from '../rig.ts'
import {test} from '../secure-rig.ts'
import {answerOf, exchange} from './exchange.ts'

const echoHead = (head: string) => `HTTP/1.1 200 OK\r\nContent-Length: ${head.length}\r\n\r\n${head}`

describe('HTTP/2', () => {
  test('goes to the dyno as HTTP/1.1, with the lines that every request gets', async ({makeSecureRig}) => {
    const {connectHttp2, dyno, tlsPort, event} = await makeSecureRig()
    dyno.answers(echoHead)
    const session = await connectHttp2()
    const {status, body, headers} = await exchange(session, {
      ':path': '/a?b=1',
      'x-one': '1',
      cookie: ['a=1', 'b=2'],
      'x-request-id': 'a'.repeat(20),
      te: 'trailers',
    })
    expect(status).toBe(200)
    expect(body.split('\r\n').slice(0, 5)).toEqual([
      'GET /a?b=1 HTTP/1.1',
      `host: app.localhost:${tlsPort}`,
      'x-one: 1',
      'cookie: a=1; b=2',
      `X-Request-Id: ${'a'.repeat(20)}`,
    ])
    expect(body).toContain(`X-Forwarded-For: 127.0.0.1\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: ${tlsPort}\r\nVia: 1.1 vegur\r\n`)
    expect(headers).toMatchObject({server: 'Cowboy', via: '1.1 vegur', 'content-length': String(body.length)})
    expect(Object.keys(headers)).not.toContain('connection')
    expect(Object.keys(headers)).not.toContain('date')
    const {line, requestId} = await event()
    expect(requestId).toBe('a'.repeat(20))
    expect(line).toMatch(
      /^at=info method=GET path="\/a\?b=1" host=app\.localhost:\d+ request_id=a+ fwd="127\.0\.0\.1" dyno=web\.1 connect=\d+ms service=\d+ms status=200 bytes=\d+ protocol=https tls=true tls_version=tls1\.3$/,
    )
  })

  test('many requests at once on one connection, each with its own answer and line', async ({makeSecureRig}) => {
    const {connectHttp2, dyno, events} = await makeSecureRig()
    dyno.answers(head => echoHead(head.split(' ')[1] ?? ''))
    const session = await connectHttp2()
    const answers = await Promise.all(Array.from({length: 50}, (_, i) => exchange(session, {':path': `/${i}`})))
    expect(answers.map(({body}) => body)).toEqual(Array.from({length: 50}, (_, i) => `/${i}`))
    await expect.poll(() => events.length).toBe(50)
  })

  test.for([
    ['with a length', {'content-length': '11'}, /content-length: 11\r\n[\s\S]*\r\n\r\nhello world$/],
    ['without one: chunks', {}, /transfer-encoding: chunked\r\n[\s\S]*\r\n\r\nb\r\nhello world\r\n0\r\n\r\n$/],
  ] as const)('a body %s', async ([, headers, pattern], {makeSecureRig}) => {
    const {connectHttp2, dyno} = await makeSecureRig()
    const session = await connectHttp2()
    const answer = exchange(session, {':method': 'POST', ...headers}, 'hello world')
    const peer = await dyno.accept()
    await peer.reads(pattern)
    peer.send(ok)
    expect(await answer).toMatchObject({status: 200, body: 'ok'})
  })

  test('trailers pass both ways', async ({makeSecureRig}) => {
    const {connectHttp2, dyno} = await makeSecureRig()
    const session = await connectHttp2()
    const stream = session.request({':method': 'POST'}, {waitForTrailers: true})
    stream.on('wantTrailers', () => stream.sendTrailers({'x-sum': '42'}))
    const answer = answerOf(stream)
    stream.end('abc')
    const peer = await dyno.accept()
    await peer.reads(/\r\n3\r\nabc\r\n0\r\nx-sum: 42\r\n\r\n$/)
    peer.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n0\r\nX-Total: 7\r\n\r\n')
    expect(await answer).toMatchObject({status: 200, body: 'ok', trailers: {'x-total': '7'}})
  })

  test.for([
    ['chunks', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nok\r\n3;x=1\r\nay!\r\n0\r\n\r\n', 'okay!'],
    ['a length', 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nokay!', 'okay!'],
    ['the end of the connection', 'HTTP/1.1 200 OK\r\n\r\nokay!', 'okay!'],
    ['nothing', 'HTTP/1.1 204 No Content\r\n\r\n', ''],
    ['nothing with a length', 'HTTP/1.1 204 No Content\r\nContent-Length: 9\r\n\r\n', ''],
    ['no chunk', 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', ''],
  ] as const)('an answer by %s', async ([, answer, body], {makeSecureRig}) => {
    const {connectHttp2, dyno, events} = await makeSecureRig()
    const session = await connectHttp2()
    const asked = exchange(session, {})
    const peer = await dyno.accept()
    await peer.reads(/\r\n\r\n$/)
    peer.send(answer)
    if (answer.includes('200 OK\r\n\r\n')) peer.socket.end()
    expect(await asked).toMatchObject({status: Number(answer.slice(9, 12)), body, errorCode: 0})
    await expect.poll(() => events.length).toBe(1)
  })

  test('a HEAD has its length and no body; fields that come several times stay several', async ({makeSecureRig}) => {
    const {connectHttp2, dyno} = await makeSecureRig()
    dyno.answers(
      'HTTP/1.1 200 OK\r\nContent-Length: 99\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Type: a/b\r\nContent-Type: c/d\r\n\r\n',
    )
    const {status, body, headers} = await exchange(await connectHttp2(), {':method': 'HEAD'})
    expect({status, body}).toEqual({status: 200, body: ''})
    expect(headers).toMatchObject({'content-length': '99', 'set-cookie': ['a=1', 'b=2'], 'content-type': 'a/b'})
  })

  test('a status over 599 is a server error to the client, and itself in the log', async ({makeSecureRig}) => {
    const {connectHttp2, dyno, event} = await makeSecureRig()
    dyno.answers('HTTP/1.1 666 Odd\r\nContent-Length: 2\r\n\r\nok')
    expect(await exchange(await connectHttp2(), {})).toMatchObject({status: 500, body: 'ok', errorCode: 0})
    expect(await event()).toMatchObject({status: 666, bytes: 2})
  })

  test('100-continue is answered by the router', async ({makeSecureRig}) => {
    const {connectHttp2, dyno} = await makeSecureRig()
    dyno.answers((_, body) => echoHead(body))
    const stream = (await connectHttp2()).request({':method': 'POST', expect: '100-continue', 'content-length': '2'})
    const answer = answerOf(stream)
    stream.once('continue', () => stream.end('hi'))
    expect(await answer).toMatchObject({status: 200, body: 'hi'})
  })

  test.for([
    ['an unknown host', {':authority': 'app.localhost:1', host: 'x.localhost'}, 400, 'H26'],
    ['a line over 8,192 bytes', {'x-long': 'a'.repeat(9000)}, 400, 'H26'],
    ['more than 1,000 fields', Object.fromEntries(Array.from({length: 1001}, (_, i) => [`x-${i}`, '1'])), 400, 'H26'],
    ['an expectation that nobody knows', {expect: 'tea'}, 417, 'H26'],
  ] as const)('%s is refused as in HTTP/1.1', async ([, headers, status, code], {makeSecureRig}) => {
    const {connectHttp2, event} = await makeSecureRig()
    const session = await connectHttp2()
    const answer = await exchange(session, headers)
    expect(answer).toMatchObject({status})
    expect(await event()).toMatchObject({code, status})
  })

  test('H14, with its page, and the connection lives on', async ({makeSecureRig}) => {
    const {connectHttp2, web, events} = await makeSecureRig({dynos: 0})
    web.setEmptyState('none')
    const session = await connectHttp2()
    for (let i = 0; i < 2; i++) {
      const {status, body, headers} = await exchange(session, {})
      expect({status, type: headers['content-type']}).toEqual({status: 503, type: 'text/html; charset=utf-8'})
      expect(body).toMatch(/Application error/)
    }
    expect(events.map(({code}) => code)).toEqual(['H14', 'H14'])
  })

  test('H27: a client that resets its stream; the dyno loses its connection', async ({makeSecureRig}) => {
    const {connectHttp2, dyno, event} = await makeSecureRig()
    const stream = (await connectHttp2()).request({})
    stream.on('error', () => undefined)
    const peer = await dyno.accept()
    await peer.reads(/\r\n\r\n$/)
    stream.close(constants.NGHTTP2_CANCEL)
    await peer.closes()
    expect(await event()).toMatchObject({code: 'H27', status: 499})
  })

  test.for(['Content-Length: 10\r\n\r\nhalf', 'Transfer-Encoding: chunked\r\n\r\n4\r\nhalf\r\n'])(
    'H18: a torn answer (%j) is an error of its stream, not its end',
    async (framing, {makeSecureRig}) => {
      const {connectHttp2, dyno, event} = await makeSecureRig()
      const answer = exchange(await connectHttp2(), {})
      const peer = await dyno.accept()
      await peer.reads(/\r\n\r\n$/)
      peer.send(`HTTP/1.1 200 OK\r\n${framing}`)
      peer.socket.end()
      expect((await answer).errorCode).toBe(constants.NGHTTP2_INTERNAL_ERROR)
      expect(await event()).toMatchObject({code: 'H18'})
    },
  )

  test('a body that is longer than its length never becomes a second request', async ({makeSecureRig}) => {
    const {connectHttp2, dyno, events} = await makeSecureRig()
    dyno.answers(ok)
    const stream = (await connectHttp2()).request({':method': 'POST', 'content-length': '2'})
    const answer = answerOf(stream)
    stream.end('hiGET /smuggled HTTP/1.1\r\nHost: app.localhost\r\n\r\n')
    expect((await answer).errorCode).not.toBe(0)
    await expect.poll(() => events.length).toBe(1)
    expect(dyno.peers.map(({text}) => text).join('')).not.toContain('smuggled')
  })

  test('three megabytes up and down, byte for byte, through windows that fill', async ({makeSecureRig}) => {
    const {connectHttp2, dyno} = await makeSecureRig()
    const body = Buffer.from(Array.from({length: 3_000_000}, (_, i) => (i * 7 + (i >> 8)) & 0xff))
    dyno.answers((_, got) => `HTTP/1.1 200 OK\r\nContent-Length: ${got.length}\r\n\r\n${got}`)
    const answer = await exchange(await connectHttp2(), {':method': 'POST', 'content-length': String(body.length)}, body)
    expect(answer.body === body.toString('latin1')).toBe(true)
  })

  test('a client that does not read holds no more than the router buffers for one, and others go on', async ({makeSecureRig}) => {
    const {connectHttp2, dyno} = await makeSecureRig()
    const session = await connectHttp2()
    const slow = session.request({})
    slow.pause()
    const peer = await dyno.accept()
    await peer.reads(/\r\n\r\n$/)
    peer.send('HTTP/1.1 200 OK\r\nContent-Length: 50000000\r\n\r\n')
    peer.send(Buffer.alloc(50_000_000))
    await expect.poll(() => peer.socket.writableLength, {timeout: 5000}).toBeGreaterThan(0)
    const other = exchange(await connectHttp2(), {})
    const second = await dyno.accept()
    await second.reads(/\r\n\r\n$/)
    second.send(ok)
    expect(await other).toMatchObject({status: 200, body: 'ok'})
    expect(peer.socket.writableLength).toBeGreaterThan(20_000_000)
    slow.on('error', () => undefined)
    slow.close()
    await peer.closes()
  })

  test('a dyno that does not read stops the upload of its client', async ({makeSecureRig}) => {
    const {connectHttp2, dyno} = await makeSecureRig()
    const stream = (await connectHttp2()).request({':method': 'POST'}, {endStream: false})
    stream.on('error', () => undefined)
    const peer = await dyno.accept()
    await peer.reads(/\r\n\r\n/)
    peer.socket.pause()
    let taken = 0
    const piece = Buffer.alloc(1_000_000)
    for (let i = 0; i < 60; i++) stream.write(piece, error => (error ? undefined : taken++))
    // The buffers of two kernels and of the router hold some; then nothing moves.
    await expect.poll(() => taken).toBeGreaterThan(0)
    const looks: number[] = []
    await expect.poll(() => looks.push(taken) > 1 && looks.at(-1) === looks.at(-2), {interval: 300, timeout: 10_000}).toBe(true)
    expect(taken).toBeLessThan(30)
    stream.close()
    peer.close()
  })

  test('long lines and many fields of an answer pass', async ({makeSecureRig}) => {
    const {connectHttp2, dyno} = await makeSecureRig()
    const many = Array.from({length: 100}, (_, i) => `X-${i}: ${i}\r\n`).join('')
    dyno.answers(`HTTP/1.1 200 OK\r\nContent-Length: 2\r\nX-Long: ${'a'.repeat(30_000)}\r\n${many}\r\nok`)
    const {headers, body} = await exchange(await connectHttp2(), {})
    expect([body, headers['x-long']?.length, headers['x-99']]).toEqual(['ok', 30_000, '99'])
  })

  test('RFC 8441: a WebSocket on a stream', async ({makeSecureRig}) => {
    const {connectHttp2, dyno, event} = await makeSecureRig()
    const session = await connectHttp2()
    expect(session.remoteSettings.enableConnectProtocol).toBe(true)
    const stream = session.request(
      {':method': 'CONNECT', ':protocol': 'websocket', ':path': '/ws', 'sec-websocket-version': '13'},
      {endStream: false},
    )
    stream.on('error', () => undefined)
    const response = new Promise(resolve => stream.once('response', resolve))
    const peer = await dyno.accept()
    const {input} = await peer.reads(/\r\n\r\n$/)
    expect(input).toMatch(/^GET \/ws HTTP\/1\.1\r\nhost: app\.localhost:\d+\r\n/)
    expect(input).toMatch(/^upgrade: websocket\r\nsec-websocket-key: \S{24}\r$/m)
    expect(input.match(/^connection:.*$/gim)).toEqual(['Connection: Upgrade'])
    peer.clear()
    peer.send('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x\r\n\r\nhello')
    const fields = (await response) as Record<string, unknown>
    expect(fields[':status']).toBe(200)
    expect(Object.keys(fields)).not.toContain('sec-websocket-accept')
    await new Promise<void>(resolve => stream.once('data', data => resolve(expect(data.toString()).toBe('hello'))))
    stream.write('world')
    await peer.reads(/world$/)
    stream.end()
    await peer.closes()
    expect(await event()).toMatchObject({method: 'GET', path: '/ws', status: 101, bytes: 5})
  })

  test('to a WebSocket that the dyno answers with a page there is no success', async ({makeSecureRig}) => {
    const {connectHttp2, dyno} = await makeSecureRig()
    dyno.answers(ok)
    const stream = (await connectHttp2()).request({':method': 'CONNECT', ':protocol': 'websocket', ':path': '/'}, {endStream: false})
    expect(await answerOf(stream)).toMatchObject({status: 502})
  })

  test('CONNECT without a protocol is refused', async ({makeSecureRig}) => {
    const {connectHttp2, event} = await makeSecureRig()
    const stream = (await connectHttp2()).request({':method': 'CONNECT', ':authority': 'app.localhost'}, {endStream: true})
    expect(await answerOf(stream)).toMatchObject({status: 405})
    expect(await event()).toMatchObject({code: 'H26', status: 405})
  })

  test('a connection without requests is closed after its time; the router closes with what is under way', async ({makeSecureRig}) => {
    const {connectHttp2, dyno, router} = await makeSecureRig({limits: {idleClientMs: 300}})
    const idle = await connectHttp2()
    await new Promise(resolve => idle.once('close', resolve))
    const session = await connectHttp2()
    const answer = exchange(session, {})
    const peer = await dyno.accept()
    await peer.reads(/\r\n\r\n$/)
    const closing = router.close({drainMs: 5000})
    peer.send(ok)
    expect(await answer).toMatchObject({status: 200, body: 'ok'})
    await closing
  })

  test('a connection whose last request took longer than that is closed after its time all the same', async ({makeSecureRig}) => {
    const {connectHttp2, dyno, event} = await makeSecureRig({limits: {idleClientMs: 100, uploadIdleMs: 500, connectMs: 1000}})
    const session = await connectHttp2()
    const closed = new Promise(resolve => session.once('close', resolve))
    const stream = session.request({':method': 'POST'}, {endStream: false})
    stream.on('error', () => undefined)
    await (await dyno.accept()).reads(/\r\n\r\n/)
    expect(await event()).toMatchObject({code: 'H28'})
    await closed
  })

  test('H24: a request that does not end is cut when the router closes', async ({makeSecureRig}) => {
    const {connectHttp2, dyno, router, event} = await makeSecureRig()
    const answer = exchange(await connectHttp2(), {})
    await (await dyno.accept()).reads(/\r\n\r\n$/)
    await router.close({drainMs: 20})
    await answer
    expect(await event()).toMatchObject({code: 'H24'})
  })
})
