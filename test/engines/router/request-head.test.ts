import {describe, expect, test} from 'vitest'
import {BAD, DONE, MORE} from '../../../src/engines/router/bytes.ts'
import {RequestHead, readRequestHead} from '../../../src/engines/router/request-head.ts'
import {routerLimits} from '../../../src/model/router-limits.ts'

/** Reads a head that comes in two pieces, as a connection does. */
function read(text: string, cut = text.length): {result: number; head: RequestHead; rest: string} {
  const head = new RequestHead(routerLimits)
  let bytes = Buffer.from(text.slice(0, cut), 'latin1')
  let result = readRequestHead(bytes, bytes.toString('latin1'), head)
  if (result === MORE && cut < text.length) {
    bytes = Buffer.concat([bytes.subarray(head.at), Buffer.from(text.slice(cut), 'latin1')])
    head.at = 0
    result = readRequestHead(bytes, bytes.toString('latin1'), head)
  }
  return {result, head, rest: bytes.toString('latin1', head.at)}
}

const heads = [
  'GET / HTTP/1.1\r\nHost: a\r\n\r\n',
  '\r\nGET / HTTP/1.1\r\nHost: a\r\n\r\nrest',
  'POST /x?y#z HTTP/1.0\r\nHost: a:80\r\nContent-Length: 007\r\nContent-Length: 7\r\nConnection: Keep-Alive\r\n\r\nabcdefg',
  'PUT /chunked HTTP/1.1\r\nA: 1\r\nHost: b\r\nB:2\r\nTransfer-Encoding:  Chunked \r\nConnection: x-a, close\r\nX-A: 9\r\nContent-Length: 3\r\nC: \r\n\r\n',
  'GET http://c/d HTTP/1.1\r\nHost: C\r\nUpgrade: websocket\r\nconnection: Upgrade\r\nExpect: 100-continue\r\nVia: 1.1 x\r\nX-Forwarded-For: 1\r\n\r\n',
  'GET / HTTP/1.1\r\nHost: a\r\nTE: x\r\nTE: y\r\nKeep-Alive: 5\r\nProxy-Authorization: z\r\nlast: 1\r\n\r\n',
] as const

describe('a request head', () => {
  test.for(heads)('is the same wherever it is cut: %j', text => {
    const {at: _whole, ...whole} = read(text).head
    const end = text.indexOf('\r\n\r\n', 2) + 4
    for (let cut = 0; cut < end; cut++) {
      const {result, head, rest} = read(text, cut)
      const {at: _cut, ...values} = head
      expect([cut, result]).toEqual([cut, DONE])
      expect(values).toEqual(whole)
      expect(rest).toBe(text.slice(end))
    }
  })

  test('tells what it means', () => {
    expect(read(heads[2]).head).toMatchObject({method: 'POST', target: '/x?y', minor: 0, host: 'a:80', length: 7, keepAlive: true})
    expect(read(heads[3]).head).toMatchObject({
      framing: 2,
      isAmbiguous: true,
      keepAlive: false,
      lines: 'A: 1\r\nHost: b\r\nB:2\r\nTransfer-Encoding:  Chunked \r\nC: \r\n',
    })
    expect(read(heads[4]).head).toMatchObject({target: '/d', upgrade: 'websocket', expectsContinue: true, via: '1.1 x', forwardedFor: '1'})
    expect(read(heads[5]).head.lines).toBe('Host: a\r\nlast: 1\r\n')
  })

  test.for([
    ['GET / HTTP/1.1\n', 14],
    ['GET / HTTP/1.1\r\nHost: a\n', 23],
    ['GET / HTTP/1.1\r\nHo st: a', 18],
    ['GET / HTTX', 9],
    ['GET  ', 4],
    ['\n', 0],
    ['GET / HTTP/1.1\r\n a: b', 16],
  ] as const)('%j is refused at its byte %i, not awaited', ([text, index]) => {
    expect(read(text.slice(0, index)).result).toBe(MORE)
    expect(read(text.slice(0, index + 1)).result).toBe(BAD)
  })
})
