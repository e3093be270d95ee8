import {describe} from 'vitest'
import {expect, get, host, ok, test} from './rig.ts'

const requestLine = (size: number) => `GET /${'a'.repeat(size - 'GET / HTTP/1.1'.length)} HTTP/1.1\r\n${host}\r\n`
const headerLine = (size: number) => `GET / HTTP/1.1\r\n${host}X-A: ${'a'.repeat(size - 'X-A: '.length)}\r\n\r\n`
const headerName = (size: number) => `GET / HTTP/1.1\r\n${host}${'n'.repeat(size)}: 1\r\n\r\n`
const headers = (count: number) => `GET / HTTP/1.1\r\n${host}${'A: 1\r\n'.repeat(count - 1)}\r\n`
const method = (size: number) => `${'M'.repeat(size)} / HTTP/1.1\r\n${host}\r\n`

describe('b.3, requests: the largest that passes, and one more', () => {
  test.for([
    ['a request line', requestLine, 8192],
    ['a header line', headerLine, 8192],
    ['a header name', headerName, 1000],
    ['headers', headers, 1000],
    ['a method', method, 127],
  ] as const)('%s of %3$i', async ([, make, size], {makeRig}) => {
    const passing = await makeRig()
    passing.dyno.answers(ok)
    await (await passing.connect()).send(make(size)).reads(/^HTTP\/1\.1 200 /)
    const failing = await makeRig()
    expect(await failing.ask(make(size + 1))).toMatch(/^HTTP\/1\.1 400 .*Connection: close/s)
    expect(await failing.line()).toMatch(
      /^at=error code=H26 desc="Request Error" cause="bad header" .* dyno= connect= service= status=400 bytes= /,
    )
    expect(failing.dyno.peers).toHaveLength(0)
  })

  test.for([
    ['a request line', `GET /${'a'.repeat(8300)}`],
    ['a header line', `GET / HTTP/1.1\r\n${host}X-A: ${'a'.repeat(8300)}`],
  ] as const)('%s that does not end is refused before it does', async ([, text], {makeRig}) => {
    const rig = await makeRig()
    expect(await rig.ask(text)).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('two lines of 7,000 bytes pass, and a head of a megabyte', async ({makeRig}) => {
    const rig = await makeRig()
    rig.dyno.answers(ok)
    for (const count of [2, 140]) {
      const lines = Array.from({length: count}, (_, i) => `X-${i}: ${'a'.repeat(7000)}\r\n`).join('')
      await (await rig.connect()).send(`GET / HTTP/1.1\r\n${host}${lines}\r\n`).reads(/^HTTP\/1\.1 200 /)
    }
  })

  test.for([
    ['two blanks after the method', `GET  / HTTP/1.1\r\n${host}\r\n`],
    ['two blanks before the version', `GET /  HTTP/1.1\r\n${host}\r\n`],
    ['a tab', `GET\t/ HTTP/1.1\r\n${host}\r\n`],
    ['a blank at the end', `GET / HTTP/1.1 \r\n${host}\r\n`],
    ['no target', `GET HTTP/1.1\r\n${host}\r\n`],
    ['a method that is no token', `G(T / HTTP/1.1\r\n${host}\r\n`],
    ['a target without a slash', `GET a HTTP/1.1\r\n${host}\r\n`],
    ['a control character in the target', `GET /\x01 HTTP/1.1\r\n${host}\r\n`],
    ['a lower-case version', `GET / http/1.1\r\n${host}\r\n`],
    ['Connection: upgrade without Upgrade', `GET / HTTP/1.1\r\n${host}Connection: upgrade\r\n\r\n`],
    ['Connection: ,', `GET / HTTP/1.1\r\n${host}Connection: ,\r\n\r\n`],
    ['a Connection that is no list', `GET / HTTP/1.1\r\n${host}Connection: keep alive\r\n\r\n`],
    ['an empty Connection', `GET / HTTP/1.1\r\n${host}Connection: \r\n\r\n`],
  ] as const)('%s: 400 and H26 bad header', async ([, text], {makeRig}) => {
    const rig = await makeRig()
    expect(await rig.ask(text)).toMatch(/^HTTP\/1\.1 400 .*Connection: close/s)
    expect(await rig.line()).toContain('code=H26 desc="Request Error" cause="bad header"')
  })

  test('CONNECT is refused', async ({makeRig}) => {
    const rig = await makeRig()
    expect(await rig.ask(`CONNECT app.localhost:80 HTTP/1.1\r\n${host}\r\n`)).toMatch(/^HTTP\/1\.1 405 /)
  })

  test.for(['PROPFIND', 'M-SEARCH', 'get', 'X'])('the method %s passes as it is', async (name, {makeRig}) => {
    const {pass} = await makeRig()
    const {dyno} = await pass(`${name} / HTTP/1.1\r\n${host}\r\n`)
    expect(dyno.text).toMatch(new RegExp(`^${name} / HTTP/1.1\r\n`))
  })

  test('OPTIONS * passes, a fragment is dropped, other bytes of a target stay', async ({makeRig}) => {
    for (const [sent, got] of [
      ['OPTIONS *', 'OPTIONS *'],
      ['GET /a?b#c', 'GET /a?b'],
      ['GET /%7e"<>\\^`{|}\xe4', 'GET /%7e"<>\\^`{|}\xe4'],
    ] as const) {
      const {pass} = await makeRig()
      const {dyno} = await pass(`${sent} HTTP/1.1\r\n${host}\r\n`)
      expect(dyno.text.split(' HTTP')[0]).toBe(got)
    }
  })

  test('the log line has what was read before the fault', async ({makeRig}) => {
    const rig = await makeRig()
    await rig.ask(`GET /a HTTP/1.1\r\n${host}Bad Header: 1\r\n\r\n`)
    expect(await rig.line()).toMatch(
      / method=GET path="\/a" host=app\.localhost request_id=\S{36} fwd="127\.0\.0\.1" dyno= connect= service= status=400 bytes= protocol=http$/,
    )
  })

  test('a path is quoted so that the line stays one line', async ({makeRig}) => {
    const {pass, line} = await makeRig()
    const {client, dyno} = await pass(`GET /"\xe4 HTTP/1.1\r\n${host}\r\n`)
    dyno.send(ok)
    await client.reads(/ok$/)
    expect(await line()).toContain(' path="/%22%E4" ')
  })

  test('all unfinished heads together are bounded', async ({makeRig}) => {
    const rig = await makeRig({sizes: {unfinishedHeadBytes: 100_000}})
    const head = `GET / HTTP/1.1\r\n${host}${`X: ${'a'.repeat(8000)}\r\n`.repeat(6)}`
    const first = (await rig.connect()).send(head)
    await rig.settle()
    const second = (await rig.connect()).send(head)
    const third = (await rig.connect()).send(head)
    await expect.poll(() => [second.text, third.text].filter(text => text.startsWith('HTTP/1.1 400 ')).length).toBe(1)
    first.close()
    const client = (await rig.connect()).send(get)
    await (await rig.dyno.accept()).reads(/GET/)
    client.close()
  })
})

describe('b.3, answers: the largest that passes, and one more', () => {
  const statusLine = (size: number) => `HTTP/1.1 200 ${'X'.repeat(size - 'HTTP/1.1 200 '.length)}\r\nContent-Length: 2\r\n\r\nok`
  const line = (size: number) => `HTTP/1.1 200 OK\r\nX-A: ${'a'.repeat(size - 'X-A: '.length)}\r\nContent-Length: 2\r\n\r\nok`
  const cookie = (size: number) =>
    `HTTP/1.1 200 OK\r\nSet-Cookie: ${'a'.repeat(size - 'Set-Cookie: '.length)}\r\nContent-Length: 2\r\n\r\nok`

  test.for([
    ['response_status_limits', statusLine, 8192, 'oversized status line'],
    ['response_header_line_limits', line, 524_288, 'oversized header'],
    ['response_cookie_limits', cookie, 8192, 'oversized cookie'],
  ] as const)('%s', async ([, make, size, what], {makeRig}) => {
    const passing = await makeRig()
    passing.dyno.answers(make(size))
    await (await passing.connect()).send(get).reads(/^HTTP\/1\.1 200 .*ok$/s)
    const failing = await makeRig()
    const {client, dyno} = await failing.pass(get)
    dyno.send(make(size + 1))
    expect(await client.closes()).toMatch(/^HTTP\/1\.1 502 /)
    await dyno.closes()
    expect(await failing.line()).toMatch(
      new RegExp(
        `^at=error code=H25 desc="HTTP restriction: ${what}" method=GET .* dyno=web.1 connect=\\d+ service=\\d+ status=502 bytes=0 protocol=http$`,
      ),
    )
  })

  test('an answer head of more than a megabyte is oversized too', async ({makeRig}) => {
    const {pass, line: logged} = await makeRig()
    const {client, dyno} = await pass(get)
    dyno.send(`HTTP/1.1 200 OK\r\n${`X: ${'a'.repeat(8000)}\r\n`.repeat(140)}\r\n`)
    await client.reads(/^HTTP\/1\.1 502 /)
    expect(await logged()).toContain('oversized header')
  })

  test.for([
    ['no reason phrase', 'HTTP/1.1 200\r\n\r\n'],
    ['an empty reason phrase', 'HTTP/1.1 200 \r\n\r\n'],
    ['two digits', 'HTTP/1.1 20 OK\r\n\r\n'],
    ['four digits', 'HTTP/1.1 2000 OK\r\n\r\n'],
    ['a status below 100', 'HTTP/1.1 099 OK\r\n\r\n'],
    ['another version', 'HTTP/2.0 200 OK\r\n\r\n'],
    ['no HTTP at all', 'hello\r\n'],
    ['LF line ends', 'HTTP/1.1 200 OK\nContent-Length: 0\n\n'],
    ['a header without a name', 'HTTP/1.1 200 OK\r\n: 1\r\n\r\n'],
    ['a folded header', 'HTTP/1.1 200 OK\r\nA: 1\r\n b\r\n\r\n'],
    ['a NUL', 'HTTP/1.1 200 OK\r\nA: \0\r\n\r\n'],
    ['a switch of protocol that nobody asked for', 'HTTP/1.1 101 Switching Protocols\r\n\r\n'],
  ] as const)('%s: 503 and H17', async ([, text], {makeRig}) => {
    const {pass, line: logged} = await makeRig()
    const {client, dyno} = await pass(get)
    dyno.send(text)
    expect(await client.closes()).toMatch(/^HTTP\/1\.1 503 /)
    await dyno.closes()
    expect(await logged()).toMatch(
      /^at=error code=H17 desc="Poorly formatted HTTP response" .* dyno=web\.1 connect=\d+ms service=\d+ms status=503 bytes=0 /,
    )
  })
})
