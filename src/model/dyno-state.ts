import type {DynoState} from './event.ts'
import type {Limits} from './limits.ts'

/** What is remembered of a dyno of that name, from its creation to its removal, through all its restarts. */
export type DynoLife = {
  readonly state: DynoState
  /** Crashes in a row, each after less than ten minutes of life; they make the back-off. */
  readonly crashes: number
}

export const newDyno: DynoLife = {state: 'created', crashes: 0}

/** What happens to a dyno (platform.md c.1 to c.5). */
export type DynoHappening =
  /** It is to run: at first, when its back-off is over, when traffic comes back to an idle one. */
  | {readonly type: 'start'}
  /** A restart that was asked for (by a person, a release, a saved file), or the daily one. Forgets all crashes. */
  | {readonly type: 'restart'; readonly word: 'Restarting' | 'Cycling'}
  | {readonly type: 'launch'; readonly command: string}
  /** A one-off waits for the terminal it belongs to. */
  | {readonly type: 'await-client'}
  /** Something listens on its port, or it runs and is no web dyno. */
  | {readonly type: 'up'}
  /** SIGTERM goes to the process that is being replaced. */
  | {readonly type: 'terminate'}
  /** It is to run no more: scaled down, stopped, the whole app stops. `isRunning`: there is a process to stop. */
  | {readonly type: 'stop'; readonly isRunning: boolean}
  | {readonly type: 'idle'}
  /** Its port stayed closed, and SIGKILL follows (R10). */
  | {readonly type: 'boot-timeout'; readonly seconds: number}
  /** Its port stayed closed, but it listens on another one and is left alone, as in a folder (R10). */
  | {readonly type: 'wrong-port'; readonly seconds: number; readonly port: number}
  /**
   * Its process ended. `asked`: we stopped or replaced it. `alone`: by itself, which is a crash whatever the status.
   * `for good`: by itself, and that was its work: a one-off, the release command, a type of `--exit-on all-done`.
   */
  | {readonly type: 'exit'; readonly how: 'asked' | 'alone' | 'for good'; readonly status: number; readonly livedMs: number}

/** What follows from a happening. */
export type DynoTransition = {
  readonly life: DynoLife
  /** Lines of the platform, source `heroku[web.1]`, in their order. */
  readonly lines: readonly string[]
  /** For the `state` event; absent when the state stays. */
  readonly change?: {readonly from: DynoState; readonly to: DynoState}
  /** After a crash: how long until it is started again. */
  readonly restartInMs?: number
}

type Back = Pick<Limits, 'backOffFirstMs' | 'backOffMaxMs' | 'backOffResetMs'>

/** The state machine of platform.md c.1, with its log lines. A happening that means nothing in a state (too late, twice) changes nothing. */
export function advanceDyno(life: DynoLife, happening: DynoHappening, limits: Back): DynoTransition {
  const {state} = life
  const isAlive = state === 'starting' || state === 'up'
  switch (happening.type) {
    case 'start':
      if (isAlive || state === 'complete') return stay(life)
      return state === 'idle' ? move(life, 'starting', ['Unidling', changed('down', 'starting')]) : move(life, 'starting')
    case 'restart': {
      const fresh = {...life, crashes: 0}
      return state === 'starting' ? stay(fresh, [happening.word]) : move(fresh, 'starting', [happening.word, changed(state, 'starting')])
    }
    case 'launch':
      return stay(life, [`Starting process with command \`${happening.command}\``])
    case 'await-client':
      return stay(life, ['Awaiting client'])
    case 'up':
      return state === 'starting' ? move(life, 'up') : stay(life)
    case 'terminate':
      return stay(life, [terminating])
    case 'stop':
      if (state === 'down' || state === 'complete') return stay(life)
      return move(life, 'down', [...(happening.isRunning ? [terminating] : []), changed(state, 'down')])
    case 'idle':
      // `ps` shows it as idle; the line says `down`, as the platform's does.
      return state === 'up' ? move(life, 'idle', ['Idling', changed('up', 'down'), terminating]) : stay(life)
    case 'boot-timeout':
      return state === 'starting' ? stay(life, [bootTimeoutLine(happening.seconds), 'Stopping process with SIGKILL']) : stay(life)
    case 'wrong-port':
      return state === 'starting' ? stay(life, [bootTimeoutLine(happening.seconds, happening.port)]) : stay(life)
    case 'exit':
      return exit(life, happening, limits)
  }
}

/** The R10 line; with the port that was bound instead, when there is one. */
export function bootTimeoutLine(seconds: number, boundPort?: number): string {
  const instead = boundPort === undefined ? '' : `, bound to port ${boundPort} instead`
  return `Error R10 (Boot timeout) -> Web process failed to bind to $PORT within ${seconds} seconds of launch${instead}`
}

/** What is said when a dyno has not obeyed SIGTERM (R12). */
export function exitTimeoutLines(seconds: number): readonly string[] {
  return [`Error R12 (Exit timeout) -> Process failed to exit within ${seconds} seconds of SIGTERM`, 'Stopping all processes with SIGKILL']
}

/** How long until a dyno that crashed so many times in a row is started again: 0, 1, 2, 4 … 60 s (platform.md c.4, local table). */
export function backOffMs(crashes: number, {backOffFirstMs, backOffMaxMs}: Pick<Limits, 'backOffFirstMs' | 'backOffMaxMs'>): number {
  return crashes <= 1 ? 0 : Math.min(backOffMaxMs, backOffFirstMs * 2 ** (crashes - 2))
}

const terminating = 'Stopping all processes with SIGTERM'

function exit(life: DynoLife, {how, status, livedMs}: Extract<DynoHappening, {type: 'exit'}>, limits: Back): DynoTransition {
  const exited = `Process exited with status ${status}`
  const isAlive = life.state === 'starting' || life.state === 'up'
  if (how === 'asked' || !isAlive) return stay(life, [exited])
  if (how === 'for good') return move(life, 'complete', [exited, changed(life.state, 'complete')])
  const crashes = livedMs >= limits.backOffResetMs ? 1 : life.crashes + 1
  const crashed = move({...life, crashes}, 'crashed', [exited, changed(life.state, 'crashed')])
  return {...crashed, restartInMs: backOffMs(crashes, limits)}
}

function stay(life: DynoLife, lines: readonly string[] = []): DynoTransition {
  return {life, lines}
}

function move(life: DynoLife, to: DynoState, lines: readonly string[] = [changed(life.state, to)]): DynoTransition {
  return {life: {...life, state: to}, lines, change: {from: life.state, to}}
}

function changed(from: DynoState, to: DynoState): string {
  return `State changed from ${from} to ${to}`
}
