import {readFileSync, writeFileSync} from 'node:fs'
import {describe, expect} from 'vitest'
import type {Dyno} from '../../../src/engines/dyno/dyno.ts'
import {ProcessScanner} from '../../../src/engines/dyno/process-scanner.ts'
import {killDynos, stopDynos} from '../../../src/engines/dyno/stop-dynos.ts'
import {pause} from '../../../src/lib/wait.ts'
import {platformLimits} from '../../../src/model/limits.ts'
import {marked, type Rig, readers, test} from '../../support/dynos.ts'

/** Four processes that ignore every request to leave: one in a session of its own, one forked twice. */
const stubbornTree = `
trap '' TERM HUP INT
setsid sh -c 'trap "" TERM HUP INT; while :; do sleep 1; done; : TOKEN' &
(setsid sh -c 'trap "" TERM HUP INT; (while :; do sleep 1; done; : TOKEN) & exit 0; : TOKEN' &)
sh -c 'trap "" TERM HUP INT; while :; do sleep 1; done; : TOKEN' &
echo ready
while :; do sleep 1; done`

async function started(rig: Rig, command: string, name = 'web.1'): Promise<Dyno> {
  const dyno = await rig.run(command.replaceAll('TOKEN', rig.token), {name})
  await expect.poll(() => rig.output('stdout', name)).toContain('ready\n')
  return dyno
}

const stop = (rig: Rig, dynos: readonly Dyno[], graceMs: number) =>
  stopDynos(dynos, {scanner: rig.session.scanner, emit: rig.emit, graceMs, statedSeconds: 10})

describe.for(readers)('a stop, seen by %s', reader => {
  test('who obeys ends in its own time, without a word', async ({openRig}) => {
    const rig = await openRig(reader)
    const dyno = await started(rig, `trap 'sleep 0.3; echo bye; exit 4' TERM; echo ready; while :; do sleep 0.05; done`)
    expect(await stop(rig, [dyno], 10_000)).toEqual({killed: 0, left: 0})
    expect(await dyno.ended).toMatchObject({exitCode: 4})
    expect(rig.output()).toBe('ready\nbye\n')
    expect(rig.platformLines()).toEqual([])
  })

  test('SIGTERM reaches every process, also one that left the group, and one that daemonised', async ({openRig}) => {
    const rig = await openRig(reader)
    const child = `trap "echo TERM NAME; exit" TERM; echo up NAME; while :; do sleep 0.05; done; : TOKEN`
    const dyno = await started(
      rig,
      `${['a', 'b'].map(name => `setsid sh -c '${child.replaceAll('NAME', name)}' &`).join('\n')}
      (setsid sh -c '${child.replaceAll('NAME', 'c')}' &)
      trap 'echo TERM main; exit' TERM; echo ready; while :; do sleep 0.05; done`,
    )
    await expect
      .poll(
        () =>
          rig
            .output()
            .split('\n')
            .filter(line => line.startsWith('up')).length,
      )
      .toBe(3)
    expect(await stop(rig, [dyno], 10_000)).toEqual({killed: 0, left: 0})
    await dyno.ended
    expect(
      rig
        .output()
        .split('\n')
        .filter(line => line.startsWith('TERM'))
        .sort(),
    ).toEqual(['TERM a', 'TERM b', 'TERM c', 'TERM main'])
  })

  test('the others may take all the time there is after the dyno’s own process has ended', async ({openRig}) => {
    const rig = await openRig(reader)
    const worker = (save: string) => `sh -c 'trap "sleep 0.7; ${save}; exit" TERM; echo up; while :; do sleep 0.05; done'`
    const command = `${worker('echo saved')} & ${worker('echo saved > file')} & exec > /dev/null; wait`
    // The limit for streams that are held open would be over long before.
    const dyno = await rig.run(command, {limits: platformLimits(0.05)})
    await expect.poll(() => rig.output()).toBe('up\nup\n')
    expect(await stop(rig, [dyno], 20_000)).toEqual({killed: 0, left: 0})
    expect(await dyno.ended).toMatchObject({signal: 'SIGTERM'})
    expect([rig.output(), readFileSync(`${rig.folder}/file`, 'utf8')]).toEqual(['up\nup\nsaved\n', 'saved\n'])
  })

  test('also those who hold none of its streams', async ({openRig}) => {
    const rig = await openRig(reader)
    const dyno = await started(
      rig,
      `sh -c 'trap "sleep 0.5; echo saved > file; exit" TERM; echo ready; exec > /dev/null 2>&1; while :; do sleep 0.05; done' & wait`,
    )
    await stop(rig, [dyno], 20_000)
    await dyno.ended
    expect(readFileSync(`${rig.folder}/file`, 'utf8')).toBe('saved\n')
  })

  test('who does not obey is killed at the limit, with R12 once for its dyno; nobody is left', async ({openRig}) => {
    const rig = await openRig(reader, 3)
    const stubborn = [await started(rig, stubbornTree, 'web.1'), await started(rig, stubbornTree, 'worker.1')]
    const obedient = await started(rig, 'echo ready; exec sleep 300', 'clock.1')
    await expect.poll(() => marked(rig.token).length).toBeGreaterThanOrEqual(8)
    const {killed, left} = await stop(rig, [...stubborn, obedient], 300)
    expect(killed).toBeGreaterThanOrEqual(8)
    expect(left).toBe(0)
    expect(marked(rig.token)).toEqual([])
    const r12 = ['Error R12 (Exit timeout) -> Process failed to exit within 10 seconds of SIGTERM', 'Stopping all processes with SIGKILL']
    expect([rig.platformLines('web.1'), rig.platformLines('worker.1'), rig.platformLines('clock.1')]).toEqual([r12, r12, []])
    for (const dyno of stubborn) expect(await dyno.ended).toMatchObject({signal: 'SIGKILL'})
    expect(await obedient.ended).toMatchObject({signal: 'SIGTERM'})
  })

  test('a stopped process is continued, so that it can obey', async ({openRig}) => {
    const rig = await openRig(reader)
    const dyno = await started(rig, `trap 'echo bye; exit 0' TERM; echo ready; while :; do sleep 0.05; done`)
    process.kill(dyno.pid ?? 0, 'SIGSTOP')
    expect(await stop(rig, [dyno], 10_000)).toEqual({killed: 0, left: 0})
    await dyno.ended
    expect(rig.output()).toBe('ready\nbye\n')
  })

  test('a process that appears after the SIGTERM gets its own', async ({openRig}) => {
    const rig = await openRig(reader)
    const late = `setsid sh -c 'trap "echo TERM late; exit" TERM; while :; do sleep 0.05; done; : TOKEN' &`
    const dyno = await started(
      rig,
      `trap "(sleep 0.3; ${late.replaceAll('"', '\\"')} sleep 0.5) & exit" TERM; echo ready; while :; do sleep 0.05; done`,
    )
    expect(await stop(rig, [dyno], 10_000)).toEqual({killed: 0, left: 0})
    expect(marked(rig.token)).toEqual([])
  })

  test('what a process runs in order to end well may do its work', async ({openRig}) => {
    const rig = await openRig(reader)
    const cleanUp = `sh -c "sleep 0.3; sh -c \\"sleep 0.1; echo cleaned\\"; exit"`
    const dyno = await started(rig, `trap '${cleanUp}; exit 4' TERM; echo ready; while :; do sleep 0.05; done`)
    expect(await stop(rig, [dyno], 10_000)).toEqual({killed: 0, left: 0})
    expect(await dyno.ended).toMatchObject({exitCode: 4})
    expect(rig.output()).toBe('ready\ncleaned\n')
  })

  test('who forks a new child every 10 ms, and lets it live, is ended all the same', async ({openRig}) => {
    const rig = await openRig(reader)
    const dyno = await started(
      rig,
      `sh -c 'trap "" TERM; echo ready; while :; do setsid sh -c "trap \\"\\" TERM; sleep 2; : TOKEN" & sleep 0.01; done; : TOKEN' & wait`,
    )
    const {killed, left} = await stop(rig, [dyno], 300)
    expect(killed).toBeGreaterThan(3)
    expect(left).toBe(0)
    expect(marked(rig.token)).toEqual([])
  })

  test('the second Ctrl-C kills at once, though a stop is on its way', async ({openRig}) => {
    const rig = await openRig(reader)
    const dyno = await started(rig, stubbornTree)
    const stopping = stop(rig, [dyno], 60_000)
    expect((await killDynos([dyno], rig.session.scanner)).killed).toBeGreaterThanOrEqual(4)
    expect(await stopping).toEqual({killed: 0, left: 0})
    expect(await dyno.ended).toMatchObject({signal: 'SIGKILL'})
    expect(marked(rig.token)).toEqual([])
  })
})

test.runIf(readers.includes('proc'))(
  'who is only alive in its children, each forking the next, is ended all the same',
  async ({openRig}) => {
    const rig = await openRig()
    // Every process lives for some 20 ms and starts its successor first, in a session of its own.
    const chain = `trap "" TERM; sh -c "sleep 0.02; setsid sh ./chain TOKEN &" TOKEN; sleep 0.02`
    writeFileSync(`${rig.folder}/chain`, `${chain.replaceAll('TOKEN', rig.token)}\n`)
    const dyno = await started(rig, `sh ./chain ${rig.token} & echo ready; wait`)
    const {left} = await stop(rig, [dyno], 300)
    expect(left).toBe(0)
    expect(marked(rig.token)).toEqual([])
  },
)

test('a stranger in the same folder with the same command is left alone', async ({openRig}) => {
  const rig = await openRig()
  const other = await openRig()
  const mine = await started(rig, 'echo ready; exec sleep 300')
  const theirs = await started(other, 'echo ready; exec sleep 300')
  await stop(rig, [mine], 5_000)
  expect(await theirs.processes()).toHaveLength(1)
  await killDynos([theirs], other.session.scanner)
})

test('the time from SIGTERM to SIGKILL begins with the SIGTERM, however long the look at all processes takes', async ({openRig}) => {
  const rig = await openRig()
  const dyno = await started(rig, 'echo ready; exec sleep 300')
  const {table} = rig.session.scanner
  let isFirst = true
  const slow = {
    ...table,
    async list() {
      if (isFirst) await pause(500)
      isFirst = false
      return table.list()
    },
  }
  const result = await stopDynos([dyno], {scanner: new ProcessScanner(slow), emit: rig.emit, graceMs: 400})
  expect([result, rig.platformLines()]).toEqual([{killed: 0, left: 0}, []])
  expect(await dyno.ended).toMatchObject({signal: 'SIGTERM'})
})

test('a dyno that is still being started never starts', async ({openRig}) => {
  const rig = await openRig(undefined, 0)
  const dyno = rig.plan('echo never')
  const starting = dyno.start()
  expect(await stop(rig, [dyno], 5_000)).toEqual({killed: 0, left: 0})
  await starting
  expect(await dyno.ended).toEqual({signal: 'SIGTERM', livedMs: 0, lastLines: []})
  expect(rig.events).toEqual([])
})

test('a stop of what has ended long ago does nothing', async ({openRig}) => {
  const rig = await openRig()
  const dyno = await rig.run('exit 3')
  await dyno.ended
  expect(await stop(rig, [dyno], 5_000)).toEqual({killed: 0, left: 0})
})

test('isolation that must not get SIGTERM is spared until nobody else is there', async ({openRig}) => {
  const rig = await openRig()
  // The shell stands for bwrap: it ends by itself when its child has.
  const dyno = rig.plan(
    `trap 'echo wrapper killed; exit 1' TERM; sh -c 'trap "sleep 0.2; echo graceful; exit 0" TERM; echo ready; while :; do sleep 0.05; done'; exit 0`,
    {
      isSpared: ({pid}) => pid === dyno.pid,
    },
  )
  await dyno.start()
  await expect.poll(() => rig.output()).toBe('ready\n')
  expect(await stop(rig, [dyno], 10_000)).toEqual({killed: 0, left: 0})
  expect(await dyno.ended).toMatchObject({exitCode: 0})
  expect(rig.output()).toBe('ready\ngraceful\n')
})

test('one hundred dynos that obey are stopped together', async ({openRig}) => {
  const rig = await openRig(undefined, 100)
  const dynos = await Promise.all(Array.from({length: 100}, (_, index) => rig.run('sleep 300 & wait', {name: `web.${index + 1}`})))
  expect(await stop(rig, dynos, 20_000)).toEqual({killed: 0, left: 0})
  const ends = await Promise.all(dynos.map(({ended}) => ended))
  expect(ends.every(({signal}) => signal === 'SIGTERM')).toBe(true)
})
