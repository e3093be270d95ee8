import {createHash} from 'node:crypto'
import {readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'

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

/** The folder of an app while it runs: its lock, its socket, its pid files. One for each root; private, gone after the end. */
export function runtimeFolder(runtimeDir: string, root: string): string {
  return join(runtimeDir, 'apps', createHash('sha256').update(root).digest('hex').slice(0, 16))
}

const entryFile = 'app.json'

/** Writes the entry, whole or not at all. */
export function writeEntry(folder: string, entry: RunningEntry): void {
  const file = join(folder, `${entryFile}.new`)
  writeFileSync(file, `${JSON.stringify(entry)}\n`, {mode: 0o600})
  renameSync(file, join(folder, entryFile))
}

/** The entry in a runtime folder; undefined when nothing runs there, or not yet. */
export function readEntry(folder: string): RunningEntry | undefined {
  try {
    const entry = JSON.parse(readFileSync(join(folder, entryFile), 'utf8'))
    const isEntry = typeof entry?.name === 'string' && typeof entry.root === 'string' && typeof entry.socket === 'string'
    return isEntry ? entry : undefined
  } catch {
    return undefined
  }
}

export function removeEntry(folder: string): void {
  rmSync(join(folder, entryFile), {force: true})
}

/** All entries of a machine, by folder; some may be of processes that were killed. */
export function readEntries(runtimeDir: string): ReadonlyMap<string, RunningEntry> {
  const apps = join(runtimeDir, 'apps')
  const entries = new Map<string, RunningEntry>()
  for (const name of foldersIn(apps)) {
    const entry = readEntry(join(apps, name))
    if (entry !== undefined) entries.set(join(apps, name), entry)
  }
  return entries
}

function foldersIn(path: string): readonly string[] {
  try {
    return readdirSync(path)
  } catch {
    return []
  }
}
