import {describe, expect, test} from 'vitest'
import {Body} from '../../../src/engines/router/body.ts'
import {BODY_BAD, BODY_MORE} from '../../../src/engines/router/chunk-scanner.ts'
import {CHUNKED, LENGTH, UNTIL_CLOSE} from '../../../src/engines/router/request-head.ts'
import {routerLimits} from '../../../src/model/router-limits.ts'

const chunked = '3\r\nabc\r\n00A;a=b;c="d\\"e"\r\n0123456789\r\n0;x\r\nChecked: 1\r\nOther:\r\n\r\n'

/** Follows the text in pieces of `size`; gives where the body ends, and its payload. */
function follow(body: Body, text: string, size: number): {end: number; payload: string} {
  let payload = ''
  for (let at = 0; at < text.length; at += size) {
    const bytes = Buffer.from(text.slice(at, at + size), 'latin1')
    const end = body.follow(bytes, (from, to) => {
      payload += bytes.toString('latin1', from, to)
    })
    if (end !== BODY_MORE) return {end: end === BODY_BAD ? BODY_BAD : at + end, payload}
  }
  return {end: BODY_MORE, payload}
}

describe('where a body ends', () => {
  test('chunks, in pieces of any size', () => {
    for (let size = 1; size <= chunked.length + 5; size++) {
      const body = new Body(CHUNKED, 0, routerLimits)
      expect(follow(body, `${chunked}GET /`, size)).toEqual({end: chunked.length, payload: 'abc0123456789'})
      expect(body.payloadBytes).toBe(13)
    }
  })

  test('a length, in pieces of any size', () => {
    for (let size = 1; size <= 20; size++) {
      const body = new Body(LENGTH, 10, routerLimits)
      expect(follow(body, '0123456789rest', size).end).toBe(10)
      expect(body.payloadBytes).toBe(10)
    }
  })

  test('a close is told by nobody', () => {
    const body = new Body(UNTIL_CLOSE, 0, routerLimits)
    expect(follow(body, 'abc', 1).end).toBe(BODY_MORE)
    expect(body.payloadBytes).toBe(3)
  })

  test('of bad chunks only whole good ones before them count', () => {
    const body = new Body(CHUNKED, 0, routerLimits)
    const bytes = Buffer.from('3\r\nabc\r\n2\r\nde\r\nx\r\n')
    expect(body.follow(bytes)).toBe(BODY_BAD)
    expect(body.goodBytes).toBe('3\r\nabc\r\n2\r\nde\r\n'.length)
  })

  test('every other byte in the frame of a chunked body is bad, wherever it is cut', () => {
    const frame = '5;a=b\r\nabcde\r\n0\r\nT: 1\r\n\r\n'
    const payloadStart = frame.indexOf('abcde')
    for (let at = 0; at < frame.length; at++) {
      if (at >= payloadStart && at < payloadStart + 5) continue
      const broken = `${frame.slice(0, at)}\n${frame.slice(at + 1)}`
      if (broken === frame) continue
      for (const size of [1, 7, 100]) {
        const {end} = follow(new Body(CHUNKED, 0, routerLimits), broken, size)
        expect([at, size, end]).toEqual([at, size, BODY_BAD])
      }
    }
  })
})
