import {setTimeout} from 'node:timers/promises'
import {HomeportError} from '../model/error.ts'
import {homeportPath} from './app-path.ts'
import type {AppStatus} from './app-status.ts'
import {callControl, readTimeoutMs} from './client.ts'
import {findRunning, type WhichApp} from './find-running.ts'

const pollMs = 100

export type ReadyWait = {
  readonly seconds: number
  /** The process that runs the app: one that another process runs in the same folder is not the one that is meant. */
  readonly pid?: number | undefined
}

/**
 * Waits until every dyno of an app is up, also for an app that is only about to be started. After `seconds` rejects with
 * DYNO_NOT_BOOTED, naming the dynos that are not up, or with why the app was not found.
 */
export async function waitUntilReady(which: WhichApp, {seconds, pid}: ReadyWait): Promise<AppStatus> {
  const deadline = performance.now() + seconds * 1_000
  for (;;) {
    const status = await readStatus(which).catch(error => {
      if (!isComing(error) || performance.now() >= deadline) throw error
      return undefined
    })
    if (status?.ready && status.pid === (pid ?? status.pid)) return status
    if (performance.now() >= deadline) throw notReady(status, seconds)
    await setTimeout(pollMs)
  }
}

async function readStatus(which: WhichApp): Promise<AppStatus> {
  const app = await findRunning(which)
  return callControl<AppStatus>(app, {path: homeportPath(app), timeoutMs: readTimeoutMs})
}

function isComing(error: unknown): boolean {
  return error instanceof HomeportError && ['NOTHING_RUNNING', 'APP_NOT_RUNNING', 'NOT_ANSWERING'].includes(error.code)
}

function notReady(status: AppStatus | undefined, seconds: number): HomeportError {
  const late = (status?.dynos ?? [])
    .filter(({state}) => state !== 'up' && state !== 'complete')
    .map(({dyno, state}) => `${dyno} is ${state}`)
  return new HomeportError(
    'DYNO_NOT_BOOTED',
    `${status?.app ?? 'The app'} is not ready after ${seconds} s${late.length === 0 ? '' : `: ${late.join(', ')}`}.`,
    {
      hint: 'See why with `homeport logs`.',
    },
  )
}
