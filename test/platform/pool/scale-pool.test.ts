import {beforeEach, expect, test} from 'vitest'
import type {Host} from '../../../src/model/pool.ts'
import {scalePool} from '../../../src/platform/pool/scale-pool.ts'
import {MemoryEngine} from '../../support/memory-engine.ts'
import {host} from '../../support/pool-values.ts'

/** An engine whose hosts drain at once, and a cloud that makes and takes hosts. */
class Machines extends MemoryEngine {
  readonly calls: string[] = []
  list: Host[] = ['m1', 'm2', 'm3'].map(id => host(id, {isManager: true}))

  override async hosts(): Promise<readonly Host[]> {
    return this.list
  }

  override async drain(id: string): Promise<void> {
    this.calls.push(`drain ${id}`)
    this.#set(id, 'drained')
  }

  override async forgetHost(id: string): Promise<void> {
    this.calls.push(`forget ${id}`)
    this.list = this.list.filter(known => known.id !== id)
  }

  readonly grow = async (size: number) => {
    this.calls.push(`grow ${size}`)
    while (this.list.length < size) this.list.push(host(`w${this.list.length}`, {dynos: this.list.length}))
  }

  readonly terminate = async ({id}: Host) => {
    this.calls.push(`terminate ${id}`)
    this.#set(id, 'down')
  }

  #set(id: string, state: Host['state']): void {
    this.list = this.list.map(known => (known.id === id ? {...known, state} : known))
  }
}

let machines: Machines
const scale = (from: number, to: number) => {
  const {grow, terminate} = machines
  return scalePool(from, to, {engine: machines, emit: () => {}, grow, terminate, timeoutMs: 50})
}

beforeEach(() => {
  machines = new Machines()
})

test('more hosts: waits until they are ready', async () => {
  await scale(3, 5)
  expect([machines.calls, machines.list.length]).toEqual([['grow 5'], 5])
})

test('fewer hosts: workers with the fewest dynos leave, drained, one after the other', async () => {
  await scale(3, 5)
  machines.calls.length = 0
  await scale(5, 3)
  expect(machines.calls).toEqual(['drain w3', 'terminate w3', 'forget w3', 'drain w4', 'terminate w4', 'forget w4'])
})

test('never fewer than the managers', async () => {
  await expect(scale(3, 2)).rejects.toMatchObject({exitCode: 2, message: 'The pool has 3 managers, so it cannot have 2 hosts.'})
  expect(machines.calls).toEqual([])
})

test('a host that never comes: exit 7, and the same command goes on', async () => {
  const engine = machines
  await expect(
    scalePool(3, 4, {engine, emit: () => {}, grow: async () => {}, terminate: async () => {}, timeoutMs: 10}),
  ).rejects.toMatchObject({exitCode: 7, hint: expect.stringContaining('go on')})
})
