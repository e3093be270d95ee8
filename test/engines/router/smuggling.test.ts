import {describe} from 'vitest'
import {expect, host, test} from './rig.ts'

const inner = `GET /inner HTTP/1.1\r\n${host}\r\n`
const get = (line: string) => `GET / HTTP/1.1\r\n${host}${line}\r\n${inner}`
const chunked = (body: string) => `POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n${body}${inner}`

/** Two parsers could read each of these differently; none may reach a dyno, and nothing after it either. */
describe('issue C 1, requests that would be read in two ways are refused with 400 and the connection closed', () => {
  test.for([
    ['LF after the request line', `GET / HTTP/1.1\n${host}\r\n${inner}`],
    ['LF after a header', `GET / HTTP/1.1\r\nHost: app.localhost\n\r\n${inner}`],
    ['LF as the blank line', `GET / HTTP/1.1\r\n${host}\n${inner}`],
    ['CR alone after a header', `GET / HTTP/1.1\r\nHost: app.localhost\rX: 1\r\n\r\n${inner}`],
    ['CR alone in a value', get('X: a\rb\r\n')],
    ['a folded line', get('X: a\r\n b\r\n')],
    ['a folded line with a tab', get('X: a\r\n\tb\r\n')],
    ['a first header that is folded', `GET / HTTP/1.1\r\n X: 1\r\n${host}\r\n${inner}`],
    ['a blank before the colon', get('Content-Length : 5\r\n')],
    ['a tab before the colon', get('Content-Length\t: 5\r\n')],
    ['a header without a colon', get('Content-Length\r\n')],
    ['an empty header name', get(': 5\r\n')],
    ['a NUL in a name', get('Content-Length\0: 5\r\n')],
    ['a NUL in a value', get('X: \0\r\n')],
    ['another control character in a value', get('X: \x0b\r\n')],
    ['a delete character in a value', get('X: \x7f\r\n')],
    ['a name outside ASCII', get('Content\xa0Length: 5\r\n')],
    ['two lengths', get('Content-Length: 5\r\nContent-Length: 6\r\n')],
    ['two lengths in one line', get('Content-Length: 5, 5\r\n')],
    ['a signed length', get('Content-Length: +5\r\n')],
    ['a negative length', get('Content-Length: -5\r\n')],
    ['a hexadecimal length', get('Content-Length: 0x5\r\n')],
    ['a length with a fraction', get('Content-Length: 5.0\r\n')],
    ['a length with a blank', get('Content-Length: 5 5\r\n')],
    ['an empty length', get('Content-Length: \r\n')],
    ['a length beyond counting', get(`Content-Length: 1${'0'.repeat(16)}\r\n`)],
    ['a coding other than chunked', get('Transfer-Encoding: xchunked\r\n')],
    ['chunked and another coding', get('Transfer-Encoding: gzip, chunked\r\n')],
    ['chunked twice in one line', get('Transfer-Encoding: chunked, chunked\r\n')],
    ['chunked in two lines', get('Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n')],
    ['identity', get('Transfer-Encoding: identity\r\n')],
    ['chunked in quotes', get('Transfer-Encoding: "chunked"\r\n')],
    ['chunked with a parameter', get('Transfer-Encoding: chunked;a=1\r\n')],
    ['chunked after a vertical tab', get('Transfer-Encoding: \x0bchunked\r\n')],
    ['a coding in HTTP/1.0', `POST / HTTP/1.0\r\n${host}Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`],
    ['a chunk size with a sign', chunked('+5\r\nabcde\r\n0\r\n\r\n')],
    ['a chunk size with 0x', chunked('0x5\r\nabcde\r\n0\r\n\r\n')],
    ['a chunk size with a blank before', chunked(' 5\r\nabcde\r\n0\r\n\r\n')],
    ['a chunk size with a blank after', chunked('5 \r\nabcde\r\n0\r\n\r\n')],
    ['a chunk size with an underscore', chunked('1_0\r\nabcdeabcdeabcdea\r\n0\r\n\r\n')],
    ['an empty chunk size', chunked('\r\n\r\n')],
    ['a chunk size beyond counting', chunked('10000000000000000\r\n')],
    ['a chunk size that ends in LF', chunked('5\nabcde\r\n0\r\n\r\n')],
    ['a chunk that is longer than its size', chunked('3\r\nabcde\r\n0\r\n\r\n')],
    ['a chunk that ends in LF', chunked('5\r\nabcde\n0\r\n\r\n')],
    ['a chunk without its CRLF', chunked('5\r\nabcde0\r\n\r\n')],
    ['an extension without a name', chunked('5;\r\nabcde\r\n0\r\n\r\n')],
    ['an extension with LF', chunked('5;a\nabcde\r\n0\r\n\r\n')],
    ['an extension with a control character', chunked('5;a="\x01"\r\nabcde\r\n0\r\n\r\n')],
    ['an extension with an open quote', chunked('5;a="b\r\nabcde\r\n0\r\n\r\n')],
    ['an extension with a blank', chunked('5; a=b\r\nabcde\r\n0\r\n\r\n')],
    ['a last chunk that ends in LF', chunked('0\n\n')],
    ['a trailer that ends in LF', chunked('0\r\nA: 1\n\r\n')],
    ['a folded trailer', chunked('0\r\nA: 1\r\n b\r\n\r\n')],
    ['two empty lines before a request', `\r\n\r\n${inner}`],
    ['LF before a request', `\n${inner}`],
  ] as const)('%s', async ([, text], {makeRig}) => {
    const rig = await makeRig()
    const answer = await rig.ask(text)
    expect(answer).toMatch(/^HTTP\/1\.1 400 Bad Request\r\nConnection: close\r\n/)
    expect(answer.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(rig.dyno.peers).toHaveLength(0)
    expect((await rig.event()).code).toBe('H26')
  })
})

describe('what is read in one way only passes', () => {
  test('a length with leading zeros is written anew', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {dyno} = await pass(`POST / HTTP/1.1\r\n${host}Content-Length: 005\r\n\r\nabcde`)
    await dyno.reads(/\r\nContent-Length: 5\r\n.*abcde$/s)
    expect(dyno.text).not.toContain('005')
  })

  test('chunk extensions and quoted values travel on', async ({makeRig}) => {
    const {pass} = await makeRig()
    const body = '5;a;b=c;d="e \\" f"\r\nabcde\r\n000\r\n\r\n'
    const {dyno} = await pass(`POST / HTTP/1.1\r\n${host}Transfer-Encoding: chunked\r\n\r\n${body}`)
    await dyno.reads(/000\r\n\r\n$/)
    expect(dyno.text.endsWith(body)).toBe(true)
  })

  test('chunked beside a length: what follows is not looked at', async ({makeRig}) => {
    const rig = await makeRig()
    const {client, dyno} = await rig.pass(
      `POST /a HTTP/1.1\r\n${host}Content-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n${inner}`,
    )
    dyno.send('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    const text = await client.closes()
    expect(text.match(/HTTP\/1\.1 /g)).toHaveLength(1)
    expect(dyno.text).not.toMatch(/inner|content-length/i)
    expect(rig.events).toHaveLength(1)
  })

  test('one empty line before a request is tolerated', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {dyno} = await pass(`\r\n${inner}`)
    expect(dyno.text).toMatch(/^GET \/inner /)
  })

  test('h2c is not passed on: the request goes on without its upgrade', async ({makeRig}) => {
    const {pass} = await makeRig()
    const {dyno} = await pass(
      `GET / HTTP/1.1\r\n${host}Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABkAAQ\r\n\r\n`,
    )
    expect(dyno.text).not.toMatch(/upgrade|http2-settings/i)
  })
})
