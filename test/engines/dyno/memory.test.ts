import {spawn} from 'node:child_process'
import {expect, test} from 'vitest'
import {MemoryWatch, type WatchedDyno} from '../../../src/engines/dyno/memory.ts'
import {readDynoMemory} from '../../../src/engines/dyno/memory-reading.ts'
import {readSharedMemory} from '../../../src/lib/process-table/shared-memory.ts'
import type {PlatformEvent} from '../../../src/model/event.ts'
import type {MemoryReading} from '../../../src/model/memory-quota.ts'

const mib = 1024 * 1024

function watch(reportMs: number) {
  const lines: string[] = []
  const emit = (event: PlatformEvent) => {
    if (event.type === 'output') lines.push(`${event.source}[${event.dyno}]: ${event.lines.toString().trimEnd()}`)
  }
  const memory = new MemoryWatch({emit, limits: {memorySampleMs: 5, memoryReportMs: reportMs}})
  return {lines, memory}
}

function fakeDyno(megabytes: () => number, more: Partial<WatchedDyno> = {}) {
  const calls = {reads: 0, kills: 0}
  const dyno: WatchedDyno = {
    name: 'web.1',
    quotaBytes: 512 * mib,
    read: async (): Promise<MemoryReading> => {
      calls.reads += 1
      return {usedBytes: megabytes() * mib, heldBytes: megabytes() * mib}
    },
    kill: () => {
      calls.kills += 1
    },
    ...more,
  }
  return {dyno, calls}
}

test('a dyno over its quota is told about once each report time, and lives on', async () => {
  const {lines, memory} = watch(60_000)
  using _ = memory
  const {dyno, calls} = fakeDyno(() => 600)
  memory.add(dyno)
  await expect.poll(() => calls.reads).toBeGreaterThan(5)
  expect(lines).toEqual(['heroku[web.1]: Process running mem=600MB(117.2%)', 'heroku[web.1]: Error R14 (Memory quota exceeded)'])
  expect([calls.kills, memory.usedBytes(dyno)]).toEqual([0, 600 * mib])
})

test('it is told again when the report time is over, and no more when it is back within', async () => {
  const {lines, memory} = watch(20)
  using _ = memory
  let size = 600
  const {dyno, calls} = fakeDyno(() => size)
  memory.add(dyno)
  await expect.poll(() => lines.filter(line => line.includes('R14')).length).toBeGreaterThan(2)
  size = 500
  const reads = calls.reads
  await expect.poll(() => calls.reads).toBeGreaterThan(reads + 2)
  const told = lines.length
  await expect.poll(() => calls.reads).toBeGreaterThan(reads + 8)
  expect(lines.length).toBe(told)
})

test('at twice its quota it is told and killed, once', async () => {
  const {lines, memory} = watch(0)
  using _ = memory
  let size = 100
  const {dyno, calls} = fakeDyno(() => size)
  const end = memory.add(dyno)
  await expect.poll(() => calls.reads).toBeGreaterThan(1)
  expect(lines).toEqual([])
  size = 1_059
  await expect.poll(() => calls.kills).toBe(1)
  end()
  expect(lines).toEqual([
    'heroku[web.1]: Process running mem=1059MB(206.8%)',
    'heroku[web.1]: Error R15 (Memory quota vastly exceeded)',
    'heroku[web.1]: Stopping process with SIGKILL',
  ])
  expect(calls.kills).toBe(1)
})

test('what the kernel killed is R15 too, also when only the end shows it', async () => {
  for (const when of ['while it runs', 'at its end'] as const) {
    const {lines, memory} = watch(0)
    using _ = memory
    let kills = 4
    const {dyno, calls} = fakeDyno(() => 100, {kernelKills: () => kills})
    const end = memory.add(dyno)
    kills = 5
    if (when === 'while it runs') await expect.poll(() => calls.kills).toBe(1)
    end()
    expect([when, ...lines]).toEqual([
      when,
      'heroku[web.1]: Process running mem=1024MB(200.0%)',
      'heroku[web.1]: Error R15 (Memory quota vastly exceeded)',
      'heroku[web.1]: Stopping process with SIGKILL',
    ])
  }
})

test('without a cgroup memory is counted by process, shared pages by their share', async ({onTestFinished}) => {
  const child = spawn(
    'perl',
    ['-e', '$x = "a" x (40 << 20); print "up\\n"; $| = 1; print ""; for (1 .. 3) { last unless fork } sleep 60'],
    {detached: true},
  )
  onTestFinished(() => {
    if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL')
  })
  await new Promise(resolve => child.stdout.once('data', resolve))
  const pid = child.pid ?? 0
  const reading = async () => (await readDynoMemory([], [{pid, residentBytes: 0}]))?.usedBytes ?? 0
  // Four processes share the 40 MB.
  await expect.poll(reading).toBeLessThan(30 * mib)
  await expect.poll(reading).toBeGreaterThan(5 * mib)
  expect(await readDynoMemory([], [{pid: 2 ** 30, residentBytes: 7}])).toEqual({usedBytes: 7, heldBytes: 7})
  expect(await readDynoMemory([], [])).toBeUndefined()
  expect((await readSharedMemory([2 ** 30])).size).toBe(0)
})
