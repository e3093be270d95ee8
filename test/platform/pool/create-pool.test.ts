import {expect, test} from 'vitest'
import type {PlatformEvent} from '../../../src/model/event.ts'
import type {Host} from '../../../src/model/pool.ts'
import {createPool, type PoolCloud} from '../../../src/platform/pool/create-pool.ts'
import {destroyPool} from '../../../src/platform/pool/destroy-pool.ts'
import {host, stack} from '../../support/pool-values.ts'

const wish = {name: 'demo', size: 3, instanceType: 't3a.small', hasBalancer: false}

function cloud(calls: string[], more: Partial<PoolCloud> = {}): PoolCloud {
  const call = (name: string) => async () => {
    calls.push(name)
  }
  return {
    makeStorage: call('storage'),
    makeKey: call('key'),
    makeRole: call('role'),
    makeNetwork: call('network'),
    makeBalancer: async () => {
      calls.push('balancer')
      return 'b'
    },
    makeTemplate: call('template'),
    makeHosts: call('hosts'),
    writeStack: async () => stack,
    writePool: call('pool'),
    joinedHosts: async () => managers(3),
    finish: call('finish'),
    edgeAddresses: async () => ['1.2.3.4'],
    ...more,
  }
}

const managers = (count: number): readonly Host[] => [...Array(count).keys()].map(index => host(`h${index}`, {isManager: true}))

test('what hosts need is there before the hosts', async () => {
  const calls: string[] = []
  expect(await createPool({...wish, hasBalancer: true}, cloud(calls), {emit: () => {}})).toMatchObject({addresses: ['1.2.3.4']})
  expect(calls).toEqual(['storage', 'key', 'role', 'network', 'pool', 'template', 'balancer', 'hosts', 'finish'])
})

test('waits until every host has joined and the managers are enough', async () => {
  const answers = [[], managers(1), managers(2), [...managers(2), host('w')], managers(3)]
  let asked = 0
  const {hosts} = await createPool(wish, cloud([], {joinedHosts: async () => answers[asked++] ?? []}), {emit: () => {}})
  expect([hosts.length, asked]).toEqual([3, 5])
})

test('a host that never joins: exit 7, with how many did and what to do', async () => {
  const events: PlatformEvent[] = []
  const creating = createPool(wish, cloud([], {joinedHosts: async () => managers(2)}), {emit: event => events.push(event), joinMs: 10})
  await expect(creating).rejects.toMatchObject({exitCode: 7, message: expect.stringContaining('Only 2 of 3 hosts')})
  expect(events.at(-1)).toMatchObject({type: 'step', name: 'quorum', status: 'failed'})
})

test('destroy goes on past what cannot be removed, and lists it', async () => {
  const removals = [
    {name: 'hosts', remove: async () => true},
    {
      name: 'network',
      remove: async () => {
        throw new Error('in use')
      },
    },
    {name: 'key', remove: async () => false},
    {name: 'bucket', remove: async () => true},
  ]
  expect(await destroyPool(removals, {emit: () => {}})).toEqual({removed: ['hosts', 'bucket'], left: [{name: 'network', reason: 'in use'}]})
})
