import {expect, test} from 'vitest'
import {routerLimits} from '../../src/model/router-limits.ts'

test('the sizes of platform.md b.3', () => {
  expect(routerLimits).toMatchObject({
    requestLineBytes: 8192,
    headerLineBytes: 8192,
    headerNameBytes: 1000,
    headerCount: 1000,
    methodBytes: 127,
    statusLineBytes: 8192,
    responseHeaderLineBytes: 524_288,
    cookieBytes: 8192,
    connectTries: 10,
    requestsPerDyno: 200,
  })
})
