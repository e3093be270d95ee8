import {randomUUID} from 'node:crypto'
import type {LogFilter} from '../engines/log/log-filter.ts'

/** What a client asked to see of an app's log (platform.md j.5). */
export type LogSession = {
  readonly id: string
  readonly createdAt: number
  readonly logFolder: string
  readonly filter: LogFilter
  readonly lines: number
  readonly tail: boolean
}

/** f.1: how long the address of a session is good for, after it was used last. */
const lifeMs = 360_000
const most = 1_000

/** Sessions by their id, which nobody can guess: it stands in the address, and whoever knows that may read. */
export class LogSessions {
  readonly #sessions = new Map<string, {readonly session: LogSession; usedAt: number}>()

  open(wishes: Omit<LogSession, 'id' | 'createdAt'>): LogSession {
    for (const [id, {usedAt}] of this.#sessions) if (isOver(usedAt) || this.#sessions.size >= most) this.#sessions.delete(id)
    const session = {...wishes, id: randomUUID(), createdAt: Date.now()}
    this.#sessions.set(session.id, {session, usedAt: session.createdAt})
    return session
  }

  find(id: string): LogSession | undefined {
    const found = this.#sessions.get(id)
    if (found === undefined || isOver(found.usedAt)) return undefined
    found.usedAt = Date.now()
    return found.session
  }
}

function isOver(usedAt: number): boolean {
  return usedAt < Date.now() - lifeMs
}
