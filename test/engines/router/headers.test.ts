import {describe} from 'vitest'
import {expect, get, host, ok, test} from './rig.ts'

const post = (lines: string) => `POST / HTTP/1.1\r\n${host}${lines}\r\n12345`
const answer = (lines: string, body = 'ok') => `HTTP/1.1 200 OK\r\n${lines}\r\n${body}`

describe('b.4, what a dyno gets', () => {
  test("the client's lines in their order, then the router's in the platform's order", async ({makeRig}) => {
    const rig = await makeRig()
    const {dyno} = await rig.pass(`GET /a?b=1 HTTP/1.1\r\n${host}B: 2\r\na: 1\r\nB: 3\r\n\r\n`)
    expect(dyno.text.split('\r\n').map(line => line.replace(/(?<=(Id|For|Start|Port|Time): ).*/, '…'))).toEqual([
      'GET /a?b=1 HTTP/1.1',
      'Host: app.localhost',
      'B: 2',
      'a: 1',
      'B: 3',
      'X-Request-Id: …',
      'X-Forwarded-For: …',
      'X-Forwarded-Proto: http',
      'X-Forwarded-Port: …',
      'Via: 1.1 vegur',
      'Connect-Time: …',
      'X-Request-Start: …',
      'Total-Route-Time: …',
      'Connection: keep-alive',
      '',
      '',
    ])
    const port = /X-Forwarded-Port: (\d+)/.exec(dyno.text)?.[1]
    expect(Number(port)).toBe(rig.port)
    const start = /X-Request-Start: (\d{13})\r/.exec(dyno.text)?.[1]
    expect(Math.abs(Number(start) - Date.now())).toBeLessThan(10_000)
    expect(dyno.text).toMatch(/X-Forwarded-For: 127\.0\.0\.1\r/)
  })

  test('preserve_case, header_order, both ways', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(`GET / HTTP/1.1\r\nhOST: app.localhost\r\ncUSTOM-hEADER: 0\r\nproxy-AuthentiCation: 0\r\n\r\n`)
    expect(dyno.text).toMatch(/^hOST: app\.localhost\r\ncUSTOM-hEADER: 0\r\nproxy-AuthentiCation: 0\r\n/m)
    dyno.send(answer('cONtENT-lEnGTH: 2\r\ntest-header: 1\r\nTest-Header: 2\r\ntest-header: 3\r\nServEr: x\r\n'))
    await client.reads(/^cONtENT-lEnGTH: 2\r\ntest-header: 1\r\nTest-Header: 2\r\ntest-header: 3\r\nServEr: x\r\n/m)
  })

  test('X-Forwarded-For grows on the right, -Proto and -Port are replaced', async ({makeRig}) => {
    const rig = await makeRig()
    const {dyno} = await rig.pass(
      `GET / HTTP/1.1\r\n${host}X-Forwarded-For: 9.9.9.9\r\nx-forwarded-for: 8.8.8.8\r\nX-Forwarded-Proto: https\r\nX-Forwarded-Port: 1\r\n\r\n`,
    )
    expect(dyno.text.match(/x-forwarded-[^\r]*/gi)).toEqual([
      'X-Forwarded-For: 9.9.9.9, 8.8.8.8, 127.0.0.1',
      'X-Forwarded-Proto: http',
      `X-Forwarded-Port: ${rig.port}`,
    ])
  })

  test.for([
    ['https', 443],
    ['http', 80],
  ] as const)('--forwarded-proto %s: dynos see port %i', async ([forwardedProto, port], {makeRig}) => {
    const {pass} = await makeRig({forwardedProto})
    const {dyno} = await pass(get)
    expect(dyno.text).toContain(`X-Forwarded-Proto: ${forwardedProto}\r\nX-Forwarded-Port: ${port}\r\n`)
  })

  test('fwd in the log line has all addresses, without blanks', async ({makeRig}) => {
    const {pass, line} = await makeRig()
    const {client, dyno} = await pass(`GET / HTTP/1.1\r\n${host}X-Forwarded-For: 9.9.9.9, "8"\r\n\r\n`)
    dyno.send(ok)
    await client.reads(/ok$/)
    expect(await line()).toContain(' fwd="9.9.9.9,%228%22,127.0.0.1" ')
  })

  test('Connect-Time, X-Request-Start and Total-Route-Time of a client are replaced', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {dyno} = await pass(`GET / HTTP/1.1\r\n${host}Connect-Time: 7\r\nX-Request-Start: 7\r\nTotal-Route-Time: 7\r\n\r\n`)
    expect(dyno.text).not.toMatch(/: 7\r/)
    expect(dyno.text.match(/connect-time|x-request-start|total-route-time/gi)).toHaveLength(3)
  })

  test('delete_hop_by_hop, both ways', async ({makeRig}) => {
    const {pass} = await makeRig()
    const hops =
      'Connection: keep-alive, X-Private\r\nX-Private: 1\r\nTE: deflate\r\nTE: trailers\r\nTrailer: some-header\r\nkeep-alive: timeout=213\r\nprOxy-Authorization: whatever\r\nproxy-AuthentiCation: 0\r\nProxy-Authenticate: Basic\r\nProxy-Connection: keep-alive\r\n'
    const {client, dyno} = await pass(`GET / HTTP/1.1\r\n${host}${hops}\r\n`)
    dyno.send(answer(`Content-Length: 2\r\n${hops}`))
    const {input} = await client.reads(/ok$/)
    for (const text of [dyno.text, input]) {
      expect(text).not.toMatch(/^(te|keep-alive|proxy-authorization|proxy-connection|x-private):/im)
      expect(text.match(/^(trailer|proxy-authentication|proxy-authenticate):/gim)).toHaveLength(3)
      expect(text.match(/^connection: .*$/gim)).toEqual(['Connection: keep-alive'])
    }
  })

  test.for(['Content-Length', 'Host', 'Content-Length, Host, Close'])(
    'Connection: %s never takes away what frames or directs a request',
    async (value, {makeRig}) => {
      const {pass} = await makeRig()
      const {dyno} = await pass(post(`Content-Length: 5\r\nConnection: ${value}\r\n`))
      await dyno.reads(/12345$/)
      expect(dyno.text).toMatch(/^Content-Length: 5\r$/m)
      expect(dyno.text).toMatch(/^Host: app\.localhost\r$/m)
    },
  )

  test('Transfer-Encoding named by Connection stays, both ways', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(
      `POST / HTTP/1.1\r\n${host}Connection: transfer-encoding\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n`,
    )
    expect(dyno.text).toMatch(/^Transfer-Encoding: chunked\r$/m)
    dyno.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: transfer-encoding\r\n\r\n0\r\n\r\n')
    await client.reads(/^Transfer-Encoding: chunked\r$/m)
  })
})

describe('b.4, what a client gets', () => {
  test('via, and Server where it is missing', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(get)
    expect(dyno.text).toMatch(/^Via: 1\.1 vegur\r$/m)
    dyno.send(ok)
    const {input} = await client.reads(/ok$/)
    expect(input).toMatch(/^Via: 1\.1 vegur\r$/m)
    expect(input).toMatch(/^Server: Cowboy\r$/m)
  })

  test('via_chain, both ways', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(`GET / HTTP/1.1\r\n${host}via: 1.1 proxy\r\nVia: 1.0 other\r\n\r\n`)
    expect(dyno.text.match(/^via:.*/gim)).toEqual(['Via: 1.1 proxy, 1.0 other, 1.1 vegur'])
    dyno.send(answer('Content-Length: 2\r\nvia: 1.1 proxy\r\nServer: mine\r\n'))
    const {input} = await client.reads(/ok$/)
    expect(input.match(/^via:.*/gim)).toEqual(['Via: 1.1 proxy, 1.1 vegur'])
    expect(input.match(/^server:.*/gim)).toEqual(['Server: mine'])
  })

  test('bad_status: any three digits with any text pass', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(get)
    dyno.send('HTTP/1.1 666 THE NUMBER OF THE BEAST\r\nContent-Length: 0\r\n\r\n')
    await client.reads(/^HTTP\/1\.1 666 THE NUMBER OF THE BEAST\r\n/)
  })
})

describe('b.3, lengths', () => {
  test.for([
    ['duplicate_different_lengths_req', 'Content-Length: 5\r\nContent-Length: 11\r\n'],
    ['duplicate_csv_lengths_req', 'Content-Length: 5,5\r\n'],
  ] as const)('%s: 400, and the connection closes', async ([, lines], {makeRig}) => {
    const rig = await makeRig()
    expect(await rig.ask(post(lines))).toMatch(/^HTTP\/1\.1 400 .*Connection: close/s)
    expect(await rig.line()).toMatch(/ code=H26 desc="Request Error" cause="bad header" .* status=400 /)
    expect(rig.dyno.peers).toHaveLength(0)
  })

  test('duplicate_identical_lengths_req: they become one', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(post('content-length: 5\r\ncontent-length: 5\r\n'))
    await dyno.reads(/12345$/)
    expect(dyno.text.match(/^content-length:.*/gim)).toEqual(['Content-Length: 5'])
    dyno.send(ok)
    await client.reads(/ok$/)
  })

  test.for([
    ['duplicate_different_lengths_resp', 'Content-Length: 43\r\nContent-Length: 41\r\n'],
    ['duplicate_csv_lengths_resp', 'Content-Length: 43,41\r\n'],
    ['weird_content_length', 'Content-Length: 43 \r\n'],
    ['a length that is no number', 'Content-Length: many\r\n'],
  ] as const)('%s: 502 and H25 invalid content length', async ([, lines], {makeRig}) => {
    const {pass, line} = await makeRig()
    const {client, dyno} = await pass(get)
    dyno.send(answer(lines, 'x'.repeat(43)))
    expect(await client.closes()).toMatch(/^HTTP\/1\.1 502 /)
    await dyno.closes()
    expect(await line()).toMatch(
      /^at=error code=H25 desc="HTTP restriction: invalid content length" method=GET .* dyno=web\.1 connect=\d+ service=\d+ status=502 bytes=0 /,
    )
  })

  test('duplicate_identical_lengths_resp: they become one', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(get)
    dyno.send(answer('Content-Length: 2\r\nA: 1\r\ncontent-length: 2\r\n'))
    const {input} = await client.reads(/ok$/)
    expect(input.match(/^content-length:.*/gim)).toEqual(['Content-Length: 2'])
  })
})

describe('b.3, hosts', () => {
  test.for([
    ['host_nofold', 'Host: app.localhost\r\nHost: app.localhost\r\n'],
    ['host_conflict', 'Host: app.localhost\r\nHost: bad.localhost\r\n'],
    ['no Host', ''],
    ['an empty Host', 'Host: \r\n'],
    ['a Host with a blank', 'Host: app localhost\r\n'],
  ] as const)('%s: 400', async ([, lines], {makeRig}) => {
    const rig = await makeRig()
    expect(await rig.ask(`GET / HTTP/1.1\r\n${lines}\r\n`)).toMatch(/^HTTP\/1\.1 400 .*Connection: close/s)
    expect((await rig.event()).code).toBe('H26')
  })

  test('HTTP/1.0 without Host: 400, also with an absolute target', async ({makeRig}) => {
    const rig = await makeRig()
    expect(await rig.ask('GET http://app.localhost/ HTTP/1.0\r\n\r\n')).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('an absolute target goes on as its path when its host is the Host', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {dyno} = await pass(`GET http://APP.localhost?a=1 HTTP/1.1\r\n${host}\r\n`)
    expect(dyno.text).toMatch(/^GET \/\?a=1 HTTP\/1\.1\r\nHost: app\.localhost\r\n/)
  })

  test('an absolute target with another host than Host: 400', async ({makeRig}) => {
    const rig = await makeRig()
    expect(await rig.ask(`GET http://other.localhost/ HTTP/1.1\r\n${host}\r\n`)).toMatch(/^HTTP\/1\.1 400 /)
  })
})

describe('b.4.1, request id', () => {
  test.for([
    ['20 characters', '0123456789abcdefghij', true],
    ['200 characters', 'a'.repeat(200), true],
    ['all the characters', 'ABCxyz0189+/=-ABCxyz0189', true],
    ['19 characters', '0123456789abcdefghi', false],
    ['201 characters', 'a'.repeat(201), false],
    ['an underscore', '0123456789abcdefghij_', false],
    ['nothing', '', false],
  ] as const)('%s: kept is %s', async ([, id, isKept], {makeRig}) => {
    const {pass, event} = await makeRig()
    const {client, dyno} = await pass(`GET / HTTP/1.1\r\n${host}${id === '' ? '' : `X-Request-ID: ${id}\r\n`}\r\n`)
    dyno.send(ok)
    await client.reads(/ok$/)
    const sent = /^x-request-id: (.*)\r$/im.exec(dyno.text)?.[1]
    expect((await event()).requestId).toBe(sent)
    if (isKept) expect(sent).toBe(id)
    else expect(sent).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
  })
})
