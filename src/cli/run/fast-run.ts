import {parseQuickly} from '../flags/flag-table.ts'
import {oneOffFlags} from '../flags/one-off-flags.ts'
import {reportError} from '../report-error.ts'
import {ownSettings} from '../settings.ts'
import {warnLine} from '../start/warn-line.ts'
import {SignalError} from '../until-ended.ts'
import {backgroundRequest} from './background-request.ts'
import {withOneOffSources} from './one-off-sources.ts'
import {runOneOff} from './run-one-off.ts'

/**
 * `homeport run` without the command framework, for which the command would have to wait. False, with nothing done, for anything
 * that is not certainly right: help, an unknown flag, no command.
 */
export async function fastRun(typed: readonly string[]): Promise<boolean> {
  const {env} = process
  const background = backgroundRequest(env)
  if (background !== undefined) {
    const {runInBackground} = await import('./run-in-background.ts')
    const isJson = background.values['json'] === true
    return exitWith(() => runInBackground(background, {settings: ownSettings(), env, warn: warnLine}), {isJson})
  }
  const quick = parseQuickly(typed, oneOffFlags, {endsAtArgument: true})
  if (quick === undefined || quick.arguments.length === 0) return false
  const parsed = parseQuickly(withOneOffSources(typed, quick.values, env), oneOffFlags, {endsAtArgument: true})
  if (parsed === undefined) return false
  const {values, arguments: words} = parsed
  return exitWith(() => runOneOff({values, words, settings: ownSettings(), env, warn: warnLine}), {
    isJson: values['json'] === true,
    colourFlag: values['color'] === false ? false : undefined,
  })
}

/** A `--json` behind the command is none of ours, so errors are told here. */
async function exitWith(action: () => Promise<number>, options: Parameters<typeof reportError>[1]): Promise<never> {
  try {
    process.exit(await action())
  } catch (error) {
    process.exit(error instanceof SignalError ? error.exitCode : reportError(error, options))
  }
}
