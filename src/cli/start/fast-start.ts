import {parseQuickly} from '../flags/flag-table.ts'
import {startFlags} from '../flags/start-flags.ts'
import {flagsFolder} from '../folder-flags.ts'
import {reportError} from '../report-error.ts'
import {ownSettings} from '../settings.ts'
import {runStart} from './run-start.ts'
import {withFlagSources} from './start-request.ts'
import {warnLine} from './warn-line.ts'

/**
 * `homeport start` without the command framework, which the first dyno would have to wait for. False, with nothing done, for
 * anything that is not certainly right: help, an unknown flag, a bad value.
 */
export async function fastStart(typed: readonly string[]): Promise<boolean> {
  const quick = parseQuickly(typed, startFlags)
  if (quick === undefined || quick.values['app'] !== undefined) return false
  const {argv, origins, notes} = withFlagSources(typed, flagsFolder(typed, process.env), process.env)
  const parsed = parseQuickly(argv, startFlags)
  if (parsed === undefined) return false
  for (const note of notes) warnLine(note)
  try {
    process.exit(
      await runStart({...parsed, argv, untyped: new Set(origins.keys()), settings: ownSettings(), env: process.env, warn: warnLine}),
    )
  } catch (error) {
    // Whatever the failed start left open must not keep the process alive.
    process.exit(reportError(error, {isJson: parsed.values['json'] === true}))
  }
}
