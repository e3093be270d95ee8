import {expect, test} from 'vitest'
import {lineRenderer, logFormats} from '../../../src/cli/render/line.ts'
import {requestRenderer} from '../../../src/cli/render/request-line.ts'
import type {RequestEvent} from '../../../src/model/event.ts'

const request = (time: number): RequestEvent => ({
  type: 'request',
  time,
  method: 'GET',
  path: '/',
  host: 'a',
  requestId: 'r',
  fwd: 'f',
  dyno: 'web.1',
  status: 200,
  protocol: 'http',
  line: 'at=info method=GET',
})

test.for(logFormats.filter(format => format !== 'raw'))('%s: the same text as in the log of an app', format => {
  for (const isColoured of [false, true]) {
    const fast = requestRenderer({format, isColoured})
    const usual = lineRenderer({format, isTerminal: false, timestamps: true, isColoured})
    for (const time of [1_764_000_000_000, 1_764_000_000_123.456, 1_764_000_000_999.999, 1_764_000_001_000.001]) {
      expect(fast(request(time))).toBe(usual(request(time)).data.toString())
    }
  }
})

test('raw: the line alone', () => {
  expect(requestRenderer({format: 'raw', isColoured: true})(request(1))).toBe('at=info method=GET\n')
})
