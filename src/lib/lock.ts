import {mkdir, readFile, rm, writeFile} from 'node:fs/promises'
import {dirname} from 'node:path'
import {DatabaseSync} from 'node:sqlite'
import {setTimeout as sleep} from 'node:timers/promises'

export type LockOptions = {
  readonly signal?: AbortSignal
  /** Told once, when another process has the lock, with its pid where that is known. */
  readonly onWait?: (pid: number | undefined) => void
}

/** A lock between processes that is ours until disposed. */
export type Lock = AsyncDisposable

const askAgainMs = 100
const busy = 5

/**
 * Takes the lock named by a file, waiting for whoever has it. The lock is SQLite's own on that file, which is the kernel's:
 * it ends with the process that holds it, also after kill -9, so there is never a stale one.
 */
export async function takeLock(file: string, {signal, onWait}: LockOptions = {}): Promise<Lock> {
  await mkdir(dirname(file), {recursive: true, mode: 0o700})
  const holder = `${file}.pid`
  for (let isFirst = true; ; isFirst = false) {
    signal?.throwIfAborted()
    const database = tryLock(file)
    if (database) {
      await writeFile(holder, String(process.pid), {mode: 0o600})
      return {
        async [Symbol.asyncDispose]() {
          await rm(holder, {force: true})
          database.close()
        },
      }
    }
    if (isFirst) onWait?.(await readPid(holder))
    await sleep(askAgainMs, undefined, {signal})
  }
}

function tryLock(file: string): DatabaseSync | undefined {
  const database = new DatabaseSync(file, {timeout: 0})
  try {
    database.exec('BEGIN EXCLUSIVE')
    return database
  } catch (error) {
    database.close()
    if (error instanceof Error && 'errcode' in error && error.errcode === busy) return undefined
    throw error
  }
}

async function readPid(file: string): Promise<number | undefined> {
  const text = await readFile(file, 'utf8').catch(() => '')
  return /^\d+$/.test(text) ? Number(text) : undefined
}
