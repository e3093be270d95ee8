import {closeSync, openSync} from 'node:fs'
import {DatabaseSync} from 'node:sqlite'
import {setTimeout as sleep} from 'node:timers/promises'

/** A lock between processes that is ours until disposed. */
export type FileLock = Disposable

export type FileLockOptions = {
  /** Any number of processes may share a lock; nobody else has one that is exclusive. */
  readonly mode: 'shared' | 'exclusive'
  /** How long to wait for others; 0: do not. */
  readonly waitMs?: number
  readonly signal?: AbortSignal
}

const askAgainMs = 25
const busy = 5

/**
 * Locks the file, which is made when missing. Resolves with undefined when others kept it for longer than `waitMs`. The lock is
 * SQLite's own on that file and so the kernel's: it ends with the process that holds it, also after kill -9. Rejects with
 * Node's error when the file cannot be made or opened.
 */
export async function lockFile(path: string, {mode, waitMs = 0, signal}: FileLockOptions): Promise<FileLock | undefined> {
  const deadline = performance.now() + waitMs
  makeFile(path)
  for (;;) {
    signal?.throwIfAborted()
    const lock = tryToLock(path, mode)
    if (lock !== undefined || performance.now() >= deadline) return lock
    await sleep(askAgainMs, undefined, {signal})
  }
}

/** Never opens a file that is there: closing it again would give up every lock that this process has on it. */
function makeFile(path: string): void {
  try {
    closeSync(openSync(path, 'ax', 0o600))
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}

function tryToLock(path: string, mode: FileLockOptions['mode']): FileLock | undefined {
  const database = new DatabaseSync(path, {timeout: 0})
  try {
    // Without it SQLite puts a journal beside the file for every exclusive lock.
    database.exec('PRAGMA journal_mode = MEMORY')
    database.exec(mode === 'exclusive' ? 'BEGIN EXCLUSIVE' : 'BEGIN; SELECT count(*) FROM sqlite_schema')
    return {[Symbol.dispose]: () => database.close()}
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) return undefined
    throw error
  }
}
