import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, mkdirSync, utimesSync, writeFileSync} from 'node:fs'
import {describe, expect} from 'vitest'
import {dynoMarker, markerVariable} from '../../../src/engines/dyno/mark.ts'
import {reapSession, sweepLeftovers} from '../../../src/engines/dyno/reap.ts'
import {recordFile, type SessionRecord, sessionsFolder, writeRecord} from '../../../src/engines/dyno/session-record.ts'
import {test as base, marked, type Rig, readers, tableOf} from '../../support/dynos.ts'

const table = tableOf(readers[0] ?? 'ps')
const dead = {pid: 2 ** 22 + 1, startTime: '1'}
const searchPath = process.env['PATH'] ?? ''

type Start = (command: string, env?: Readonly<Record<string, string>>) => Promise<ChildProcess>

/** `start` runs a shell in a session of its own: what is tried here must not reach whoever runs the tests. */
const test = base.extend('start', async ({task: _}, {onCleanup}) => {
  const children: ChildProcess[] = []
  onCleanup(() => {
    for (const {pid = 0} of children) {
      try {
        process.kill(-pid, 'SIGKILL')
      } catch {
        // Its whole group is gone, as it should be in most tests.
      }
    }
  })
  const start: Start = async (command, env) => {
    const child = spawn('sh', ['-c', command], {env: {PATH: searchPath, ...env}, detached: true, stdio: 'ignore'})
    children.push(child)
    await once(child, 'spawn')
    return child
  }
  return start
})

/** What a killed run left: its record, and a process with its mark and a child. */
async function leaveBehind(rig: Rig, start: Start, {id, ...record}: Pick<SessionRecord, 'id'> & Partial<SessionRecord>): Promise<string> {
  const folder = `${sessionsFolder(rig.folder)}/${id}`
  mkdirSync(folder, {recursive: true})
  writeRecord(folder, {id, realm: table.realm, homeport: dead, dynos: [], paths: [], ...record})
  await start(`sh -c 'sleep 300; : ${rig.token}'; :`, {[markerVariable]: dynoMarker(id, 0)})
  await expect.poll(() => marked(rig.token).length).toBe(2)
  return folder
}

describe('a sweep', () => {
  test('ends what carries the mark of a run that is gone, and takes its traces away', async ({openRig, start}) => {
    const rig = await openRig()
    writeFileSync(`${rig.folder}/control.sock`, '')
    mkdirSync(`${rig.folder}/scratch/deep`, {recursive: true})
    const folder = await leaveBehind(rig, start, {id: 'aaaaaaaaa', paths: [`${rig.folder}/control.sock`, `${rig.folder}/scratch`]})
    expect(await sweepLeftovers(rig.folder, table)).toBe(3)
    expect(marked(rig.token)).toEqual([])
    expect([folder, `${rig.folder}/control.sock`, `${rig.folder}/scratch`].map(path => existsSync(path))).toEqual([false, false, false])
  })

  test('leaves a stranger alone in whose group or session a process with the mark runs', async ({openRig, start}) => {
    const rig = await openRig()
    const id = '333333333'
    const mark = `${markerVariable}=${dynoMarker(id, 0)}`
    // A shell as a person has it: a guest with the mark in its own group, and something else beside it.
    await start(`sh -c 'sleep 300; : ${rig.token}-beside' & ${mark} sh -c 'sleep 300; : ${rig.token}-guest' & wait; : ${rig.token}-shell`)
    await expect.poll(() => ['beside', 'guest', 'shell'].map(who => marked(`${rig.token}-${who}`).length)).toEqual([2, 2, 1])
    const folder = `${sessionsFolder(rig.folder)}/${id}`
    mkdirSync(folder)
    writeRecord(folder, {id, realm: table.realm, homeport: dead, dynos: [], paths: []})
    expect(await sweepLeftovers(rig.folder, table)).toBe(2)
    expect(['beside', 'guest', 'shell'].map(who => marked(`${rig.token}-${who}`).length)).toEqual([2, 1, 1])
  })

  test('takes nothing away that a living run has made anew in the same place', async ({openRig, start}) => {
    const rig = await openRig()
    const path = `${rig.folder}/control.sock`
    rig.session.removeAtEnd(path)
    writeFileSync(path, '')
    const folder = await leaveBehind(rig, start, {id: 'bbbbbbbbb', paths: [path]})
    await sweepLeftovers(rig.folder, table)
    expect([existsSync(folder), existsSync(path)]).toEqual([false, true])
  })

  test('leaves a run of another container alone, whose pids mean nothing here', async ({openRig, start}) => {
    const rig = await openRig()
    const folder = await leaveBehind(rig, start, {id: 'ccccccccc', realm: table.realm.replace(/ .*/, ' pid:[1]')})
    expect(await sweepLeftovers(rig.folder, table)).toBe(0)
    expect([existsSync(folder), marked(rig.token).length]).toEqual([true, 2])
  })

  test('kills nobody for a run from before the machine started, but takes its traces away', async ({openRig, start}) => {
    const rig = await openRig()
    const folder = await leaveBehind(rig, start, {id: 'ddddddddd', realm: table.realm.replace(/.* /, 'an-earlier-one ')})
    expect(await sweepLeftovers(rig.folder, table)).toBe(0)
    expect([existsSync(folder), marked(rig.token).length]).toEqual([false, 2])
  })

  test('takes a folder without a record away when it is old, and leaves one that has just been made', async ({openRig}) => {
    const rig = await openRig()
    const [young, old] = [`${sessionsFolder(rig.folder)}/eeeeeeeee`, `${sessionsFolder(rig.folder)}/fffffffff`]
    for (const folder of [young, old]) mkdirSync(folder)
    utimesSync(old, 0, 0)
    await sweepLeftovers(rig.folder, table)
    expect([existsSync(young), existsSync(old)]).toEqual([true, false])
  })

  test('finds nothing where nothing ever was', async ({folder}) => {
    expect(await sweepLeftovers(`${folder}/none`, table)).toBe(0)
  })
})

describe('the reaper', () => {
  test('ends a run that was killed before it wrote its record', async ({openRig, start}) => {
    const rig = await openRig()
    const folder = await leaveBehind(rig, start, {id: '111111111'})
    writeFileSync(recordFile(folder), '{"id": "1111')
    expect(await reapSession(recordFile(folder), table)).toBe(3)
    expect([existsSync(folder), marked(rig.token).length]).toEqual([false, 0])
  })

  test('ends who lost the mark but is the recorded first process, or comes of it; not who only has its pid', async ({openRig, start}) => {
    const rig = await openRig()
    const {pid = 0} = await start(`sh -c 'sleep 300; : ${rig.token}'; :`)
    await expect.poll(() => marked(rig.token).length).toBe(2)
    const startTime = (await table.startTime(pid)) ?? ''
    const folder = `${sessionsFolder(rig.folder)}/222222222`
    const record = {id: '222222222', realm: table.realm, homeport: dead, paths: []}
    mkdirSync(folder)
    writeRecord(folder, {...record, dynos: [{pid, startTime: '1'}]})
    expect(await reapSession(recordFile(folder), table)).toBe(0)
    expect(marked(rig.token)).toHaveLength(2)
    mkdirSync(folder)
    writeRecord(folder, {...record, dynos: [{pid, startTime}]})
    expect(await reapSession(recordFile(folder), table)).toBe(3)
    expect(marked(rig.token)).toEqual([])
  })
})
