import {setTimeout} from 'node:timers/promises'
import type {RunningEntry} from '../engines/registry/running-entry.ts'
import {HomeportError} from '../model/error.ts'
import {homeportPath} from './app-path.ts'
import {callControl} from './client.ts'

/** How long a process that has stopped its app may take to end itself. */
const endMs = 5_000

/** Stops an app in good order, as Ctrl-C does, and waits until its process is gone. */
export async function stopApp(app: RunningEntry): Promise<void> {
  try {
    await callControl(app, {method: 'POST', path: homeportPath(app, 'stop')})
  } catch (error) {
    // It was on its way out already, or did not wait to answer.
    if (!(error instanceof HomeportError) || error.code !== 'APP_NOT_RUNNING') throw error
  }
  await whenGone(app)
}

/** Resolves when the process of an app has ended, or after a few seconds. */
export async function whenGone({pid}: Pick<RunningEntry, 'pid'>): Promise<void> {
  const deadline = performance.now() + endMs
  while (isThere(pid) && performance.now() < deadline) await setTimeout(20)
}

function isThere(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
