import {expect, test} from 'vitest'
import type {Host} from '../../src/model/pool.ts'
import {lostMs, planMending} from '../../src/model/pool-mending.ts'
import {host} from '../support/pool-values.ts'

const manager = (id: string, state: Host['state'] = 'ready') => host(id, {isManager: true, state})
const now = 1_000_000
const plan = (hosts: readonly Host[], down: Readonly<Record<string, number>> = {}) =>
  planMending(hosts, {downSince: new Map(Object.entries(down).map(([id, ago]) => [id, now - ago])), now})

test.for<[what: string, hosts: readonly Host[], down: Readonly<Record<string, number>>, expected: ReturnType<typeof plan>]>([
  ['nothing when all are there', [manager('a'), manager('b'), manager('c'), host('w')], {}, undefined],
  [
    'a worker takes the place of a manager at once',
    [manager('a'), manager('b'), manager('c', 'down'), host('w')],
    {c: 1},
    {action: 'promote', host: 'w'},
  ],
  ['nobody can: the lost one is not forgotten too early', [manager('a'), manager('b'), manager('c', 'down')], {c: 1}, undefined],
  [
    'but after a while, so that a new host finds its place',
    [manager('a'), manager('b'), manager('c', 'down')],
    {c: lostMs},
    {action: 'forget', host: 'c'},
  ],
  [
    'after the promotion the lost one goes',
    [manager('a'), manager('b'), manager('c', 'down'), manager('w')],
    {c: lostMs},
    {action: 'forget', host: 'c'},
  ],
  [
    'a lost worker goes',
    [manager('a'), manager('b'), manager('c'), host('w', {state: 'down'})],
    {w: lostMs},
    {action: 'forget', host: 'w'},
  ],
  [
    'without a majority nothing is tried',
    [manager('a'), manager('b', 'down'), manager('c', 'down'), host('w')],
    {b: lostMs, c: lostMs},
    undefined,
  ],
  ['a pool that grew from one host gets its managers', [manager('a'), host('v'), host('w')], {}, {action: 'promote', host: 'v'}],
  ['two hosts have one manager: two of two would be no majority to lose', [manager('a'), host('w')], {}, undefined],
  [
    'a drained worker is not promoted',
    [manager('a'), manager('b'), manager('c', 'down'), host('w', {state: 'drained'})],
    {c: 1},
    undefined,
  ],
])('%s', ([, hosts, down, expected]) => {
  expect(plan(hosts, down)).toEqual(expected)
})
