import {resolve} from 'node:path'
import {renderPlace} from '../../model/error.ts'
import type {Problem} from '../../model/problem.ts'
import {readFlagFiles} from '../../platform/read-flag-files.ts'
import {flagWords} from '../flag-sources.ts'
import type {FlagTable} from '../flags/flag-table.ts'
import {startFlags} from '../flags/start-flags.ts'

export type SourcedArgv = {
  /** What the environment and the folder's files say as words, then what was typed. */
  readonly argv: readonly string[]
  /** Names of the flags that were not typed. */
  readonly untyped: ReadonlySet<string>
  readonly notes: readonly string[]
}

/** What was typed after `start`, with what stands for flags elsewhere put before it: shell, `.homeport.env`, `.foreman`. */
export function withFlagSources(
  typed: readonly string[],
  root: string,
  env: Readonly<Record<string, string | undefined>>,
  flags: FlagTable = startFlags,
): SourcedArgv {
  const files = readFlagFiles(resolve(root))
  const {words, origins} = flagWords(typed, flags, {shell: env, homeportEnv: files.homeportEnv, foreman: files.foreman})
  return {argv: [...words, ...typed], untyped: new Set(origins.keys()), notes: [...files.notices, ...files.warnings.map(renderNote)]}
}

/** A warning about a file of the app, in one line. */
export function renderNote({file, line, column, message}: Problem): string {
  return `${renderPlace({file, line, column})}: ${message}`
}
