import {expect, test} from 'vitest'
import {parseRouterLine} from '../../src/model/parse-router-line.ts'

test('a line of a good request is read back', () => {
  const line =
    'at=info method=GET path="/posts?x=1&y="a" b" host=app.localhost request_id=8601b555-6a83-4c12-8269-97c8e32cdb22 fwd="127.0.0.1, 10.0.0.1" dyno=web.1 connect=1ms service=18ms status=200 bytes=13 protocol=http'
  expect(parseRouterLine(line, 5)).toEqual({
    type: 'request',
    time: 5,
    method: 'GET',
    path: '/posts?x=1&y="a" b',
    host: 'app.localhost',
    requestId: '8601b555-6a83-4c12-8269-97c8e32cdb22',
    fwd: '127.0.0.1, 10.0.0.1',
    dyno: 'web.1',
    connectMs: 1,
    serviceMs: 18,
    status: 200,
    bytes: 13,
    protocol: 'http',
    line,
  })
})

test('an error line gives its code, and leaves out what is empty', () => {
  const line =
    'at=error code=H14 desc="No web processes running" method=GET path="/" host=a request_id=r fwd="::1" dyno= connect= service= status=503 bytes= protocol=http'
  const request = parseRouterLine(line, 5)
  expect(request).toMatchObject({code: 'H14', dyno: '', status: 503})
  expect(Object.keys(request)).not.toContain('connectMs')
})

test('a client error with a cause is read too', () => {
  const line =
    'sock=client at=warning code=H27 desc="Client Request Interrupted" cause="bad chunk" method=POST path="/x" host=a request_id=r fwd="::1" dyno=web.2 connect=0ms service=5ms status=499 bytes=0 protocol=http tls=false'
  expect(parseRouterLine(line, 5)).toMatchObject({code: 'H27', method: 'POST', dyno: 'web.2', status: 499, protocol: 'http'})
})

test('any other line is kept as a line', () => {
  expect(parseRouterLine('something else', 5)).toMatchObject({type: 'request', line: 'something else', method: ''})
})
