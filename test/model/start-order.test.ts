import {expect, test} from 'vitest'
import {planStartOrder} from '../../src/model/start-order.ts'

const running = new Set(['web', 'worker', 'clock'])

test('a type may wait for several others', () => {
  expect(planStartOrder(['worker=web', 'worker=clock'], running)).toEqual(new Map([['worker', new Set(['web', 'clock'])]]))
})

test.for([
  ['no order', ['worker'], 'FLAG_INVALID'],
  ['an unknown type', ['worker=nope'], 'UNKNOWN_TYPE'],
  ['an unknown type that waits', ['nope=web'], 'UNKNOWN_TYPE'],
  ['itself', ['web=web'], 'FLAG_INVALID'],
  ['a circle', ['web=worker', 'worker=clock', 'clock=web'], 'FLAG_INVALID'],
] as const)('refuses %s', ([, entries, code]) => {
  expect(() => planStartOrder(entries, running)).toThrow(expect.objectContaining({code, exitCode: 2}))
})
