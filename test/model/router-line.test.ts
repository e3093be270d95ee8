import {expect, test} from 'vitest'
import {routerFaults} from '../../src/model/router-fault.ts'
import {renderRouterLine} from '../../src/model/router-line.ts'

const request = {
  method: 'GET',
  path: '/posts?x=1',
  host: 'app.localhost',
  requestId: '8601b555-6a83-4c12-8269-97c8e32cdb22',
  fwd: '127.0.0.1',
  dyno: '',
  protocol: 'http',
}
const common = 'method=GET path="/posts?x=1" host=app.localhost request_id=8601b555-6a83-4c12-8269-97c8e32cdb22 fwd="127.0.0.1"'
const full = {dyno: 'web.1', connectMs: 1, serviceMs: 18, bytes: 13}

test.for([
  [{...full, status: 200}, `at=info ${common} dyno=web.1 connect=1ms service=18ms status=200 bytes=13 protocol=http`],
  [
    {fault: routerFaults.appCrashed, status: 503},
    `at=error code=H10 desc="App crashed" ${common} dyno= connect= service= status=503 bytes= protocol=http`,
  ],
  [
    {fault: routerFaults.clientInterrupted, ...full, status: 499},
    `sock=client at=warning code=H27 desc="Client Request Interrupted" ${common} dyno=web.1 connect=1ms service=18ms status=499 bytes=13 protocol=http`,
  ],
  [
    {fault: routerFaults.badChunk, ...full, status: 400},
    `at=error code=H26 desc="Request Error" cause="bad chunk" ${common} dyno=web.1 connect=1ms service=18ms status=400 bytes=13 protocol=http`,
  ],
  [
    {fault: routerFaults.oversizedCookie, ...full, status: 502},
    `at=error code=H25 desc="HTTP restriction: oversized cookie" ${common} dyno=web.1 connect=1 service=18 status=502 bytes=13 protocol=http`,
  ],
  [
    {fault: routerFaults.forcedClose, ...full},
    `at=error code=H24 desc="Forced close" ${common} dyno=web.1 connect=1ms service=18ms status= bytes=13 protocol=http`,
  ],
  [{fault: routerFaults.unknownHost, status: 404}, `at=info ${common} dyno= connect= service= status=404 bytes= protocol=http`],
  [
    {...full, status: 200, protocol: 'https', tlsVersion: 'tls1.3'},
    `at=info ${common} dyno=web.1 connect=1ms service=18ms status=200 bytes=13 protocol=https tls=true tls_version=tls1.3`,
  ],
] as const)('%j', ([fields, line]) => {
  expect(renderRouterLine({...request, ...fields})).toBe(line)
})

test('what was never read prints as nothing', () => {
  const nothing = {method: '', path: '', host: '', requestId: '', fwd: ''}
  expect(renderRouterLine({...request, ...nothing})).toBe(
    'at=info method= path= host= request_id= fwd= dyno= connect= service= status= bytes= protocol=http',
  )
})

test.for([
  ['/a"b', '/a%22b'],
  ['/a b', '/a%20b'],
  ['/\xe4\n', '/%E4%0A'],
  ["/!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~", "/!#$%&'()*+,-./:;<=>?@[\\]^_`{|}~"],
] as const)('the path %j stands as %j', ([path, shown]) => {
  expect(renderRouterLine({...request, path})).toContain(` path="${shown}" `)
})
