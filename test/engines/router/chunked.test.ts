import {describe} from 'vitest'
import {expect, get, host, test} from './rig.ts'

const head = `POST /chunked HTTP/1.1\r\n${host}Content-Length: 10\r\nTransfer-encoding: chunked\r\n\r\n`
const plainHead = head.replace('Content-Length: 10\r\n', '')
const answerHead = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
const chunks = '3\r\nabc\r\n5\r\ndefgh\r\ne\r\nijklmnopqrstuv\r\n0\r\n\r\n'

describe('b.10 chunked', () => {
  test('passthrough: chunks travel as they came; beside a length they win, the length goes, the connection closes', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(head + chunks)
    await dyno.reads(/\r\n0\r\n\r\n$/)
    expect(dyno.text).not.toMatch(/content-length/i)
    expect(dyno.text.endsWith(chunks)).toBe(true)
    dyno.send(answerHead + chunks)
    const text = await client.closes()
    expect(text).toMatch(/Connection: close/)
    expect(text.endsWith(chunks)).toBe(true)
  })

  test('chunked alone leaves both connections open', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(plainHead + chunks)
    await dyno.reads(/\r\n0\r\n\r\n$/)
    dyno.send(answerHead + chunks)
    await client.reads(/Connection: keep-alive.*\r\n0\r\n\r\n$/s)
    dyno.clear()
    client.send(plainHead + chunks)
    await dyno.reads(/\r\n0\r\n\r\n$/)
  })

  test('passthrough_short_crlf: the last CRLF is awaited on both sides', async ({makeRig}) => {
    const {pass, events} = await makeRig()
    const short = chunks.slice(0, -2)
    const {client, dyno} = await pass(plainHead + short)
    await dyno.reads(/\r\n0\r\n$/)
    client.send('\r\n')
    await dyno.reads(/\r\n0\r\n\r\n$/)
    dyno.send(answerHead + short)
    await client.reads(/\r\n0\r\n$/)
    expect(events).toHaveLength(0)
    dyno.send('\r\n')
    await client.reads(/\r\n0\r\n\r\n$/)
  })

  test('passthrough_early_0length: bytes after the last chunk are no trailer, 400 before a dyno sees anything', async ({makeRig}) => {
    const rig = await makeRig()
    expect(await rig.ask(`${plainHead}3\r\nabc\r\n0\r\n5\r\ndefgh\r\n0\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /)
    expect(await rig.line()).toMatch(/^at=error code=H26 desc="Request Error" cause="bad chunk" method=POST .* status=400 /)
    expect(rig.dyno.peers).toHaveLength(0)
  })

  test('passthrough_partial_early_0length1: after dispatch the dyno is cut off, the client gets 400', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(`${plainHead}3\r\nabc\r\n`)
    await dyno.reads(/3\r\nabc\r\n$/)
    client.send('2\r\nde\r\n0\r\n5\r\ndefgh\r\n0\r\n\r\n')
    expect(await client.closes()).toMatch(/^HTTP\/1\.1 400 Bad Request/)
    expect(await dyno.closes()).toMatch(/\r\n\r\n3\r\nabc\r\n2\r\nde\r\n$/)
    expect(await rig.line()).toMatch(/ cause="bad chunk" .* dyno=web\.1 connect=\d+ms service=\d+ms status=400 bytes=0 /)
  })

  test('passthrough_partial_early_0length2: also when the dyno began to answer, as long as nothing of it was sent', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(`${plainHead}3\r\nabc\r\n`)
    dyno.send(`${answerHead}3\r\nabc\r\n`)
    await rig.settle()
    client.send('0\r\n5\r\n')
    expect(await client.closes()).toMatch(/^HTTP\/1\.1 400 Bad Request/)
    await dyno.closes()
    expect(await rig.line()).toMatch(/ cause="bad chunk" .* dyno=web\.1 .* status=400 /)
  })

  test('with an answer under way a bad chunk cuts the client off too', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(`${plainHead}3\r\nabc\r\n`)
    dyno.send(`${answerHead}3\r\nabc\r\n`)
    await client.reads(/200 OK.*abc\r\n$/s)
    client.send('0\r\n5\r\n')
    const text = await client.closes()
    expect(text).not.toMatch(/400/)
    expect(text).toMatch(/abc\r\n$/)
    await dyno.closes()
    expect(await rig.line()).toMatch(/ cause="bad chunk" .* status=400 bytes=3 /)
  })

  test('passthrough_partial_early_0length3: the same from the dyno is a cut answer', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(plainHead + chunks)
    dyno.send(`${answerHead}3\r\nabc\r\n`)
    await client.reads(/abc\r\n$/)
    dyno.send('0\r\n5\r\ndefgh\r\n0\r\n\r\n')
    const text = await client.closes()
    expect(text).toMatch(/^HTTP\/1\.1 200 OK.*3\r\nabc\r\n$/s)
    expect(client.wasReset).toBe(true)
  })

  test('interrupted_client: the dyno is let go, H27', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(`${plainHead}3\r\nabc\r\n5\r\ndefg`)
    client.close()
    await dyno.closes()
    expect(await rig.line()).toMatch(
      /^sock=client at=warning code=H27 desc="Client Request Interrupted" .* dyno=web\.1 .* status=499 bytes=0 /,
    )
  })

  test('interrupted_server: the client is cut off at once, H18', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(plainHead + chunks)
    dyno.send(`${answerHead}3\r\nabc\r\n5\r\ndefg`)
    await client.reads(/defg$/)
    dyno.close()
    await client.closes()
    expect(client.wasReset).toBe(true)
    expect(await rig.line()).toMatch(/^sock=backend at=error code=H18 desc="Server Request Interrupted" .* status=503 bytes=7 /)
  })

  test('bad_chunk: after good ones there is no status left to tell, the client is cut off', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(get)
    dyno.send(`${answerHead}3\r\nabc\r\n5\r\ndefghXX0\r\n\r\n`)
    const text = await client.closes()
    expect(text).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(text).not.toMatch(/502|XX/)
    await dyno.closes()
    expect((await rig.event()).code).toBe('H17')
  })

  test('a bad chunk before anything was relayed is 502', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(get)
    dyno.send(`${answerHead}nonsense\r\n`)
    expect(await client.closes()).toMatch(/^HTTP\/1\.1 502 /)
    expect(await rig.line()).toMatch(/ code=H17 .* status=502 bytes=0 /)
  })

  test.for(['', 'Connection: close\r\n'])('trailers, trailers_close: they travel both ways (%j)', async (lines, {makeRig}) => {
    const {pass} = await makeRig()
    const message = '3\r\nabc\r\n0\r\nhead1:val1\r\nhead2: val2\r\n\r\n'
    const {client, dyno} = await pass(plainHead.replace('\r\n\r\n', `\r\nTrailer: head1, head2\r\n${lines}\r\n`) + message)
    await dyno.reads(/head1:val1\r\nhead2: val2\r\n\r\n$/)
    expect(dyno.text).toMatch(/^Trailer: head1, head2\r$/m)
    dyno.send(`HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\ntrailer: head1,head2\r\n\r\n${message}`)
    await client.reads(/trailer: head1,head2\r\n.*head1:val1\r\nhead2: val2\r\n\r\n$/s)
  })

  test('trailers_no_header: also unannounced', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {dyno} = await pass(`${plainHead}0\r\nhead: val\r\n\r\n`)
    await dyno.reads(/0\r\nhead: val\r\n\r\n$/)
  })

  test('trailers_client_err: a line that is no trailer is 400', async ({makeRig}) => {
    const rig = await makeRig()
    expect(await rig.ask(`${plainHead}3\r\nabc\r\n0\r\ntrailer is invalid\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /)
  })

  test('trailers_serv_err: from a dyno it cuts the answer', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(get)
    dyno.send(`${answerHead}3\r\nabc\r\n0\r\ntrailer is invalid\r\n\r\n`)
    const text = await client.closes()
    expect(text).toMatch(/^HTTP\/1\.1 200 OK/)
    expect(text).not.toMatch(/502|invalid/)
    await dyno.closes()
  })

  test.for(['Content-Length: 3', 'Transfer-Encoding: chunked', 'Host: other', 'Connection: close'])(
    'a trailer %s is none',
    async (trailer, {makeRig}) => {
      const rig = await makeRig()
      expect(await rig.ask(`${plainHead}0\r\n${trailer}\r\n\r\n`)).toMatch(/^HTTP\/1\.1 400 /)
    },
  )

  test('b.3: an unknown Transfer-Encoding of a client is 400', async ({makeRig}) => {
    const rig = await makeRig()
    expect(await rig.ask(plainHead.replace('chunked\r\n', 'gzip\r\n'))).toMatch(/^HTTP\/1\.1 400 /)
    expect((await rig.event()).code).toBe('H26')
  })

  test('an unknown Transfer-Encoding of a dyno is a poor answer', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(get)
    dyno.send('HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n')
    expect(await client.closes()).toMatch(/^HTTP\/1\.1 503 /)
    expect((await rig.event()).code).toBe('H17')
  })

  test('a chunk-size line of 8,192 bytes passes, one more byte is a bad chunk', async ({makeRig}) => {
    const line = (size: number) => `3;${'e'.repeat(size - 2)}\r\nabc\r\n0\r\n\r\n`
    const first = await makeRig()
    const {dyno} = await first.pass(plainHead + line(8192))
    await dyno.reads(/abc\r\n0\r\n\r\n$/)
    const second = await makeRig()
    expect(await second.ask(plainHead + line(8193))).toMatch(/^HTTP\/1\.1 400 /)
    expect(await second.line()).toContain('cause="bad chunk"')
  })

  test('both framings of a dyno: chunked wins, the length goes', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {client, dyno} = await pass(get)
    dyno.send(`HTTP/1.1 200 OK\r\nContent-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n${chunks}`)
    const {input} = await client.reads(/\r\n0\r\n\r\n$/)
    expect(input).not.toMatch(/content-length/i)
  })
})
