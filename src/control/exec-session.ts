import type {CommandLine} from '../model/dyno.ts'
import {homeportPath} from './app-path.ts'
import {type Callee, streamControl} from './client.ts'

export type ExecWish = {
  readonly dyno: string
  /** A command line for the shell, or an exact argv. */
  readonly command: string | readonly string[]
  /** Of who asks, such as TERM. */
  readonly env: Readonly<Record<string, string>>
  /** To be aborted when the command has ended. */
  readonly signal: AbortSignal
}

export type ExecSession = {
  /** What to start to be inside the dyno. */
  readonly commandLine: CommandLine
  /** Resolves when the dyno has ended or is about to be stopped. */
  readonly closes: Promise<void>
}

/** Asks a running app for a way into one of its dynos. Rejects with UNKNOWN_DYNO. */
export async function openExecSession(app: Callee, {dyno, command, env, signal}: ExecWish): Promise<ExecSession> {
  const path = homeportPath(app, 'dynos', dyno, 'exec')
  const answers = streamControl(app, {method: 'POST', path, body: {command, env}, signal})
  const {value} = await answers.next()
  const closes = answers.next().then(
    () => undefined,
    () => undefined, // killed, or we are done ourselves
  )
  return {commandLine: value as unknown as CommandLine, closes}
}
