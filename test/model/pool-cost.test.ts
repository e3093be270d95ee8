import {expect, test} from 'vitest'
import {instanceType, planCost, pricesOf} from '../../src/model/pool-cost.ts'

test.for<[instanceType: string, size: number, hasBalancer: boolean, monthlyUsd: number]>([
  ['t3a.small', 3, false, 60.82],
  ['t4g.small', 3, false, 56.44],
  ['t4g.small', 3, true, 72.87],
  ['m7g.2xlarge', 1, false, 245.82],
])('%s x %i, balancer %s', ([instanceType, size, hasBalancer, monthlyUsd]) => {
  const {lines, monthlyUsd: sum} = planCost({instanceType, size, hasBalancer})
  expect(sum).toBe(monthlyUsd)
  expect(lines.some(line => line.what.startsWith('load balancer'))).toBe(hasBalancer)
})

test('the table has a date', () => expect(pricesOf).toMatch(/^\d{4}-\d\d-\d\d$/))

test('a type that is not known: exit 2, with those that are', () => {
  expect(() => instanceType('z9.huge')).toThrow(expect.objectContaining({exitCode: 2, hint: expect.stringContaining('t3a.small')}))
})
