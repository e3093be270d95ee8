import type {CommandLine} from '../../../model/dyno.ts'
import {ApiError, type ApiReply, invalidParams, type Route} from '../api.ts'
import {findDyno} from '../dynos.ts'
import {type AppCall, withApp} from '../find-app.ts'

export const execRoutes: readonly Route[] = [{method: 'POST', pattern: '/homeport/apps/:app/dynos/:dyno/exec', answer: withApp(planExec)}]

/**
 * `{command, env}`: a command line or an argv, and variables of who asks → one line of JSON with what to start to be inside that dyno:
 * its environment, its folder, its isolation. The answer ends when the dyno is about to: whoever is inside should leave then.
 */
async function planExec({app: {control}, request, params}: AppCall): Promise<ApiReply> {
  const {command, env = {}} = (request.body ?? {}) as {command?: unknown; env?: unknown}
  if (!isCommand(command)) throw invalidParams('command must be a text or a list of texts.')
  if (!isEnvironment(env)) throw invalidParams('env must be an object of texts.')
  const {dyno} = await findDyno(control, params['dyno'])
  if (control.execIn === undefined) throw new ApiError(404, 'not_found', 'This app does not let commands into its dynos.')
  const closes = control.whenDynoCloses?.(dyno) ?? Promise.resolve()
  closes.catch(() => {})
  const commandLine = await control.execIn(dyno, command, env)
  return {status: 200, stream: commandLineUntil(commandLine, closes, request.signal)}
}

async function* commandLineUntil(commandLine: CommandLine, closes: Promise<void>, signal: AbortSignal): AsyncGenerator<string> {
  yield `${JSON.stringify(commandLine)}\n`
  const gone = new Promise<void>(resolve => signal.addEventListener('abort', () => resolve(), {once: true}))
  if (!signal.aborted) await Promise.race([closes, gone])
}

function isEnvironment(env: unknown): env is Readonly<Record<string, string>> {
  return typeof env === 'object' && env !== null && Object.values(env).every(value => typeof value === 'string')
}

function isCommand(command: unknown): command is string | readonly string[] {
  return typeof command === 'string' || (Array.isArray(command) && command.length > 0 && command.every(word => typeof word === 'string'))
}
