import type {DynoEnd} from './dyno.ts'

/** `1.2 s`, `350 ms`, `3 min 20 s`, `2 h 5 min`: a length of time for people. */
export function renderDuration(milliseconds: number): string {
  if (milliseconds < 1_000) return `${Math.round(milliseconds)} ms`
  if (milliseconds < 60_000) return `${(milliseconds / 1_000).toFixed(1)} s`
  const minutes = Math.floor(milliseconds / 60_000)
  if (minutes < 60) return `${minutes} min ${Math.floor((milliseconds % 60_000) / 1_000)} s`
  return `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** `with status 7`, `by SIGKILL`: how a dyno ended. */
export function renderEnd({exitCode, signal, error}: Pick<DynoEnd, 'exitCode' | 'signal' | 'error'>): string {
  if (error !== undefined) return `could not start: ${error.message}`
  return signal === undefined ? `exited with status ${exitCode}` : `was ended by ${signal}`
}

/** Why a dyno ended badly, as lines of the log: how, after how long, its last 10 lines, what comes next (cli.md section 2, Ends). */
export function explainEnd(dyno: string, end: DynoEnd, next: string): readonly string[] {
  const last = end.lastLines.slice(-10)
  return [
    `${dyno} ${renderEnd(end)} after ${renderDuration(end.livedMs)}. ${next}`,
    ...(last.length === 0 ? [] : ['Its last lines:', ...last.map(line => `  ${line}`)]),
  ]
}
