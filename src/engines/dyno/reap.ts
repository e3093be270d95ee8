import {rmSync, statSync} from 'node:fs'
import type {ProcessTable} from '../../lib/process-table/process-table.ts'
import {pause} from '../../lib/wait.ts'
import {sameProcess, withRelatives} from './dyno-processes.ts'
import {endProcesses} from './end-processes.ts'
import {isOfSession} from './mark.ts'
import {ProcessScanner} from './process-scanner.ts'
import {listSessions, readRecord, recordFile, type SessionRecord} from './session-record.ts'

/** How long a Homeport that lost its guardian's pipe may take to be gone. */
const dyingMs = 1_000
/** A session folder without a record belongs to a start that is just beginning, or to one that was killed right there. */
const beginningMs = 60_000

/**
 * What the guardian becomes when Homeport is gone: ends every process of every dyno of that session and removes what it left
 * on disk. `file` is the session's record. The number of processes it killed; nothing happens while Homeport lives.
 */
export async function reapSession(file: string, table: ProcessTable): Promise<number> {
  const ignore = () => undefined
  for (const signal of ['SIGHUP', 'SIGINT', 'SIGQUIT', 'SIGTERM'] as const) process.on(signal, ignore)
  const folder = file.slice(0, file.lastIndexOf('/'))
  // Killed before it wrote its record: all that is known is its name.
  const nameless = {id: folder.slice(folder.lastIndexOf('/') + 1), realm: table.realm, dynos: [], paths: []}
  const record = readRecord(file) ?? {...nameless, homeport: {pid: 0, startTime: ''}}
  const deadline = performance.now() + dyingMs
  while (await isRunning(record, table)) {
    if (performance.now() > deadline) return 0
    await pause(5)
  }
  return endSession(folder, record, table)
}

/**
 * At the start: ends and removes what earlier runs left when they and their guardians were killed. What runs is left alone,
 * and so is every process that only has the pid of one of ours. The number of processes that were killed.
 */
export async function sweepLeftovers(runtimeDir: string, table: ProcessTable): Promise<number> {
  let killed = 0
  for (const folder of listSessions(runtimeDir)) {
    const record = readRecord(recordFile(folder))
    if (record === undefined) {
      if (Date.now() - (statSync(folder, {throwIfNoEntry: false})?.mtimeMs ?? 0) > beginningMs) remove([folder])
    } else if (bootOf(record.realm) !== bootOf(table.realm)) {
      // Nothing of it outlived the machine.
      await removeTraces(folder, record, table)
    } else if (record.realm === table.realm && !(await isRunning(record, table))) {
      killed += await endSession(folder, record, table)
    }
  }
  return killed
}

function bootOf(realm: string): string {
  return realm.slice(0, realm.indexOf(' '))
}

async function isRunning({homeport}: SessionRecord, table: ProcessTable): Promise<boolean> {
  const startTime = await table.startTime(homeport.pid)
  return startTime !== undefined && table.isSameStart(startTime, homeport.startTime)
}

async function endSession(folder: string, record: SessionRecord, table: ProcessTable): Promise<number> {
  const scanner = new ProcessScanner(table)
  const {killed, left} = await endProcesses(async () => {
    const scan = await scanner.scan()
    const marked = [...scan.marked].flatMap(([marker, processes]) => (isOfSession(marker, record.id) ? processes : []))
    const recorded = record.dynos.flatMap(dyno => sameProcess(scan, dyno, table) ?? [])
    return withRelatives(scan, [...marked, ...recorded])
  })
  // Who could not be killed is tried again at the next start.
  if (left.length === 0) await removeTraces(folder, record, table)
  return killed
}

/** All but what a later run has made anew in the same place. */
async function removeTraces(folder: string, {paths}: SessionRecord, table: ProcessTable): Promise<void> {
  const claimed = new Set<string>()
  for (const other of listSessions(folder.slice(0, folder.lastIndexOf('/sessions/')))) {
    const record = other === folder ? undefined : readRecord(recordFile(other))
    if (record !== undefined && (await isRunning(record, table))) for (const path of record.paths) claimed.add(path)
  }
  remove([...paths.filter(path => !claimed.has(path)), folder])
}

function remove(paths: readonly string[]): void {
  for (const path of paths) rmSync(path, {recursive: true, force: true})
}
