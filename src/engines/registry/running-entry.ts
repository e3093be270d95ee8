import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {shortHash} from '../../lib/short-hash.ts'

/** What a running app tells about itself to whoever looks for it on this machine. */
export type RunningEntry = {
  readonly name: string
  /** Absolute real path of the app's folder. */
  readonly root: string
  /** Of the process that runs `start`; with its start time it is that process and never another. */
  readonly pid: number
  readonly startTime: string
  /** The world in which pid and start time mean something (see ProcessTable). */
  readonly realm: string
  /** Path of its control socket. */
  readonly socket: string
  /** The router's address; absent without a router. */
  readonly url?: string
  /** RFC 3339 */
  readonly startedAt: string
}

/** An entry as it is found; the process that wrote it may have been killed since. */
export type FoundEntry = {readonly folder: string; readonly claimId: string; readonly entry: RunningEntry}

/** The folder of an app while it runs: its lock, its socket, its pid files. One for each root; private, gone after the end. */
export function runtimeFolder(runtimeDir: string, root: string): string {
  return join(runtimeDir, 'apps', shortHash(root))
}

/** All entries of this machine. */
export function readEntries(runtimeDir: string): readonly FoundEntry[] {
  const apps = join(runtimeDir, 'apps')
  return namesIn(apps).flatMap(name => {
    const folder = join(apps, name)
    return namesIn(folder).flatMap(file => {
      const claimId = /^(.*)\.app$/.exec(file)?.[1]
      const entry = claimId === undefined ? undefined : readJson<RunningEntry>(join(folder, file))
      return claimId === undefined || entry === undefined ? [] : [{folder, claimId, entry}]
    })
  })
}

/** The JSON of a file of ours; undefined when there is none, or half of one. */
export function readJson<T>(file: string): T | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}

function namesIn(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
