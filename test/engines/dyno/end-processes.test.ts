import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {expect, test} from 'vitest'
import {endProcesses} from '../../../src/engines/dyno/end-processes.ts'
import type {ProcessInfo} from '../../../src/lib/process-table/process-table.ts'
import {readers, tableOf} from '../../support/dynos.ts'

const table = tableOf(readers[0] ?? 'ps')

async function start(command: string): Promise<() => Promise<readonly ProcessInfo[]>> {
  const child = spawn('sh', ['-c', command], {detached: true, stdio: 'ignore'})
  await once(child, 'spawn')
  return async () => (await table.list()).filter(({pid, isZombie}) => pid === child.pid && !isZombie)
}

test('one look that finds nobody is not believed: it may have missed who was just being forked', async () => {
  const find = await start('exec sleep 300')
  let looks = 0
  const {killed, left} = await endProcesses(async () => (looks++ === 0 ? [] : find()))
  expect([killed, left, await find()]).toEqual([1, [], []])
})

test('who ends by itself within the patience is not killed', async () => {
  const find = await start('exec sleep 0.3')
  expect(await endProcesses(find, {patienceMs: 20_000})).toEqual({killed: 0, left: []})
})

test('who stays longer is killed', async () => {
  expect(await endProcesses(await start('exec sleep 300'), {patienceMs: 50})).toEqual({killed: 1, left: []})
})
