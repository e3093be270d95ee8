import {describe, expect, test} from 'vitest'
import {DONE, MORE} from '../../../src/engines/router/bytes.ts'
import {ResponseHead, readResponseHead} from '../../../src/engines/router/response-head.ts'
import {routerLimits} from '../../../src/model/router-limits.ts'

function read(text: string, cut = text.length): {result: number; head: ResponseHead} {
  const head = new ResponseHead(routerLimits)
  let bytes = Buffer.from(text.slice(0, cut), 'latin1')
  let result = readResponseHead(bytes, bytes.toString('latin1'), head)
  if (result === MORE && cut < text.length) {
    bytes = Buffer.concat([bytes.subarray(head.at), Buffer.from(text.slice(cut), 'latin1')])
    head.at = 0
    result = readResponseHead(bytes, bytes.toString('latin1'), head)
  }
  return {result, head}
}

const heads = [
  'HTTP/1.1 200 OK\r\n\r\n',
  'HTTP/1.0 404 Not Found \xe4\r\nConnection: keep-alive\r\nContent-Length: 3\r\nContent-Length: 3\r\nServer: x\r\n\r\nabc',
  'HTTP/1.1 200 OK\r\nA: 1\r\nTransfer-Encoding: chunked\r\nContent-Length: 3\r\nConnection: x, close\r\nX: 1\r\nVia: 1.0 a\r\nKeep-Alive: timeout=5, max=3\r\nB: 2\r\n\r\n',
] as const

describe('the head of an answer', () => {
  test.for(heads)('is the same wherever it is cut: %j', text => {
    const {at: _whole, ...whole} = read(text).head
    for (let cut = 0; cut < text.length; cut++) {
      const {result, head} = read(text, cut)
      const {at: _cut, ...values} = head
      expect([cut, result]).toEqual([cut, DONE])
      expect(values).toEqual(whole)
    }
  })

  test('tells what it means', () => {
    expect(read(heads[0]).head).toMatchObject({
      status: 200,
      reason: 'OK',
      minor: 1,
      framing: 3,
      keepAlive: true,
      hasServer: false,
      lines: '',
    })
    expect(read(heads[1]).head).toMatchObject({
      status: 404,
      reason: 'Not Found \xe4',
      minor: 0,
      framing: 1,
      length: 3,
      keepAlive: true,
      hasServer: true,
    })
    expect(read(heads[2]).head).toMatchObject({
      framing: 2,
      keepAlive: false,
      keepAliveSeconds: 5,
      via: '1.0 a',
      lines: 'A: 1\r\nTransfer-Encoding: chunked\r\nB: 2\r\n',
    })
  })
})
