import {readdirSync, readFileSync, renameSync, writeFileSync} from 'node:fs'
import {dirname} from 'node:path'
import type {ProcessIdentity} from './dyno-processes.ts'

/** What a run of Homeport leaves on disk while it lives, so that whoever comes after a crash can end and remove what is left. */
export type SessionRecord = {
  readonly id: string
  /** See `ProcessTable.realm`. */
  readonly realm: string
  readonly homeport: ProcessIdentity
  /** The first process of each dyno that lives. */
  readonly dynos: readonly ProcessIdentity[]
  /** Files, sockets and temporary folders that go with the session. */
  readonly paths: readonly string[]
}

/** Where the sessions of all apps of this user lie, each in a folder of its own. */
export function sessionsFolder(runtimeDir: string): string {
  return `${runtimeDir}/sessions`
}

export function recordFile(folder: string): string {
  return `${folder}/session.json`
}

/** The runtime folder in which the session of that record lies. */
export function runtimeDirOf(file: string): string {
  return dirname(dirname(dirname(file)))
}

/** Written whole or not at all. */
export function writeRecord(folder: string, record: SessionRecord): void {
  const next = `${folder}/next.json`
  writeFileSync(next, JSON.stringify(record), {mode: 0o600})
  renameSync(next, recordFile(folder))
}

/** Undefined when there is none, or one that no Homeport wrote. */
export function readRecord(file: string): SessionRecord | undefined {
  try {
    const record: unknown = JSON.parse(readFileSync(file, 'utf8'))
    return isRecord(record) ? record : undefined
  } catch {
    return undefined
  }
}

/** The folders of all sessions, those of crashed ones too. */
export function listSessions(runtimeDir: string): readonly string[] {
  try {
    return readdirSync(sessionsFolder(runtimeDir)).map(id => `${sessionsFolder(runtimeDir)}/${id}`)
  } catch {
    return []
  }
}

function isRecord(value: unknown): value is SessionRecord {
  if (typeof value !== 'object' || value === null) return false
  const {id, realm, homeport, dynos, paths} = value as Partial<Record<keyof SessionRecord, unknown>>
  const areDynos = Array.isArray(dynos) && dynos.every(isIdentity)
  const arePaths = Array.isArray(paths) && paths.every(path => typeof path === 'string' && path.startsWith('/'))
  return typeof id === 'string' && /^[0-9a-f]{9}$/.test(id) && typeof realm === 'string' && isIdentity(homeport) && areDynos && arePaths
}

function isIdentity(value: unknown): value is ProcessIdentity {
  const {pid, startTime} = (value ?? {}) as Partial<ProcessIdentity>
  return Number.isInteger(pid) && typeof startTime === 'string'
}
