import {expect, test} from 'vitest'
import {dynoMarker} from '../../../src/engines/dyno/mark.ts'
import {ProcessScanner} from '../../../src/engines/dyno/process-scanner.ts'
import type {ProcessInfo, ProcessTable} from '../../../src/lib/process-table/process-table.ts'

const marker = dynoMarker('0123abcde', 1)

function processOf(pid: number, more: Partial<ProcessInfo> = {}): ProcessInfo {
  const all = {
    ppid: 1,
    pgid: pid,
    sid: pid,
    startTime: '1',
    uid: 0,
    name: 'x',
    isZombie: false,
    isKernel: false,
    isStopped: false,
    residentBytes: 1,
  }
  return {pid, ...all, ...more}
}

/** A table that was written by hand; `variables` gives one answer after the other. */
function tableWith(list: () => readonly ProcessInfo[], variables: readonly ReadonlyMap<number, string | undefined>[]) {
  const asked: number[][] = []
  let lists = 0
  const table: ProcessTable = {
    async list() {
      lists++
      return list()
    },
    startTime: async () => undefined,
    isSameStart: (one, other) => one === other,
    async variable(_name, processes) {
      asked.push(processes.map(({pid}) => pid))
      return new Map([...(variables[asked.length - 1] ?? new Map())].filter(([pid]) => processes.some(process => process.pid === pid)))
    },
    residentLimits: async () => new Map(),
    listeners: async () => [],
    realm: 'test test',
  }
  return {table, asked, lists: () => lists}
}

const pids = (processes: readonly ProcessInfo[] | undefined) => processes?.map(({pid}) => pid)

test('everyone who asks before a look begins shares it; who asks later gets another', async () => {
  const {table, lists} = tableWith(() => [], [])
  const scanner = new ProcessScanner(table)
  const [one, other] = await Promise.all([scanner.scan(), scanner.scan()])
  expect([one === other, lists()]).toEqual([true, 1])
  await scanner.scan()
  expect(lists()).toBe(2)
})

test('a process that shows no environment, being in the middle of an exec, is asked again', async () => {
  const {table, asked} = tableWith(() => [processOf(10), processOf(11)], [new Map([[11, undefined]]), new Map(), new Map([[10, marker]])])
  const scan = await new ProcessScanner(table).scan()
  expect(pids(scan.marked.get(marker))).toEqual([10])
  expect(asked).toEqual([[10, 11], [10], [10]])
})

test('what never shows an environment is not asked for ever, and kernel threads and zombies not twice', async () => {
  const list = [processOf(10), processOf(2, {isKernel: true}), processOf(12, {isZombie: true})]
  const {table, asked} = tableWith(() => list, [])
  const scanner = new ProcessScanner(table)
  await scanner.scan()
  expect(asked).toEqual([[10, 2, 12], [10], [10], [10]])
  await scanner.scan()
  expect(asked.slice(4)).toEqual([[]])
})

test('the mark of a process is read once in its life, and anew when its pid is another’s', async () => {
  let startTime = '1'
  const {table, asked} = tableWith(() => [processOf(10, {startTime})], [new Map([[10, marker]]), new Map(), new Map([[10, undefined]])])
  const scanner = new ProcessScanner(table)
  expect(pids((await scanner.scan()).marked.get(marker))).toEqual([10])
  expect(pids((await scanner.scan()).marked.get(marker))).toEqual([10])
  startTime = '2'
  expect(pids((await scanner.scan()).marked.get(marker))).toBeUndefined()
  expect(asked).toEqual([[10], [], [10]])
})
