import {resolve} from 'node:path'
import {nearest} from '../../lib/nearest.ts'
import {renderPlace} from '../../model/error.ts'
import type {Problem} from '../../model/problem.ts'
import {readFlagFiles} from '../../platform/read-flag-files.ts'
import {flagWords} from '../flag-sources.ts'
import type {FlagTable} from '../flags/flag-table.ts'
import {startFlags} from '../flags/start-flags.ts'
import {flagVariable, isOwnVariable} from '../own-variables.ts'

export type SourcedArgv = {
  /** What the environment and the folder's files say as words, then what was typed. */
  readonly argv: readonly string[]
  /** Where each flag was set that was not typed. */
  readonly origins: ReadonlyMap<string, string>
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
  return {
    argv: [...words, ...typed],
    origins,
    notes: [...files.notices, ...files.warnings.map(renderNote), ...strayVariables(files.homeportEnv)],
  }
}

/** Variables of ours in `.homeport.env` that set no flag. */
function strayVariables(homeportEnv: ReadonlyMap<string, string>): readonly string[] {
  const known = Object.keys(startFlags).map(flagVariable)
  const stray = [...homeportEnv.keys()].filter(name => name.startsWith('HOMEPORT_') && !known.includes(name))
  return stray.map(name => {
    const meant = nearest(name, known)
    const hint = isOwnVariable(name) ? 'Set it in the shell.' : meant === undefined ? '' : `Did you mean ${meant}?`
    return `${name} does nothing in .homeport.env, which sets flags of \`start\`. ${hint}`.trim()
  })
}

/** A warning about a file of the app, in one line. */
export function renderNote({file, line, column, message}: Problem): string {
  return `${renderPlace({file, line, column})}: ${message}`
}
