import {expect, test} from 'vitest'
import {dynoSize} from '../../src/model/dyno-size.ts'
import {planPlacement} from '../../src/model/placement.ts'
import {group, host} from '../support/pool-values.ts'

test('spreads over ready hosts', () => {
  const {onHost, pending} = planPlacement([group({quantity: 6})], [host('a'), host('b'), host('c'), host('d', {state: 'drained'})])
  expect([...onHost].map(([id, list]) => [id, list.length]).sort()).toEqual([
    ['a', 2],
    ['b', 2],
    ['c', 2],
  ])
  expect(pending).toEqual([])
})

test('says which dynos find no room, and why', () => {
  const {pending} = planPlacement([group({quantity: 9, type: 'worker'})], [host('a'), host('b')])
  expect(pending).toEqual([{app: 'shop', type: 'worker', missing: 1, reason: 'no host has 512 MB free for a standard-1x dyno'}])
})

test('10,000 dynos of four sizes on 1,000 hosts all find a place', () => {
  const gib = 1024 ** 3
  const hosts = [...Array(1000).keys()].map(index => host(`h${index}`, {memoryFreeBytes: 32 * gib}))
  const groups = ['standard-1x', 'standard-2x', 'performance-m', 'performance-l'].map((name, index) =>
    group({app: `app${index}`, size: dynoSize(name), quantity: [4000, 3000, 2000, 1000][index] ?? 0}),
  )
  const {onHost, pending} = planPlacement(groups, hosts)
  expect(pending).toEqual([])
  expect([...onHost.values()].reduce((sum, list) => sum + list.length, 0)).toBe(10_000)
  for (const list of onHost.values()) {
    expect(list.reduce((sum, index) => sum + (groups[index]?.size.memoryBytes ?? 0), 0)).toBeLessThanOrEqual(32 * gib)
  }
})
