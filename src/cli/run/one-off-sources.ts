import {endOfFlags} from '../argv.ts'
import type {FlagValues} from '../flags/flag-table.ts'
import {oneOffFlags} from '../flags/one-off-flags.ts'
import {runFlags} from '../flags/start-flags.ts'
import {withFlagSources} from '../start/start-request.ts'

const {size: _, ...sourced} = runFlags

/**
 * What was typed after `run`, with those flags put before it that `start` would find elsewhere too: a one-off has the Procfile, the
 * config vars and the isolation of the app (cli.md section 1). Sizes are of types, and say nothing about it.
 */
export function withOneOffSources(
  typed: readonly string[],
  {root}: FlagValues,
  env: Readonly<Record<string, string | undefined>>,
): readonly string[] {
  const end = endOfFlags(typed, oneOffFlags, {endsAtArgument: true})
  const {argv} = withFlagSources(typed.slice(0, end), root === undefined ? '.' : String(root), env, sourced)
  return [...argv, ...typed.slice(end)]
}
