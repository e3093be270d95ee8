import type {EnvFile} from './env-file.ts'
import {HomeportError, type Place} from './error.ts'
import {expandEnvFile} from './expand.ts'
import type {Problem} from './problem.ts'

export type ConfigVar = {
  readonly value: string
  /** Where it was set: a file and line, or the flag `--env-var` without a line. */
  readonly place: Place
  /** Files and flags that set it too and lost, the last loser last. */
  readonly overridden: readonly Place[]
}

/** Name -> value, with where each came from; a Map, so that `__proto__` is a name like any other. */
export type ConfigVars = ReadonlyMap<string, ConfigVar>

export type MergeOptions = {
  /** Expand `$NAME` (`--expand`): from the file, then from the files before it, then from `shellEnv`. */
  readonly expand?: boolean
  readonly shellEnv?: Readonly<Record<string, string | undefined>>
}

/** Puts .env files together: a later file wins over an earlier one, and in a file the last line of a name. */
export function mergeEnvFiles(
  files: readonly EnvFile[],
  {expand = false, shellEnv = {}}: MergeOptions = {},
): {configVars: ConfigVars; problems: readonly Problem[]} {
  const merged = new Map<string, ConfigVar>()
  const problems: Problem[] = []
  for (const file of files) {
    const known = new Map(merged)
    const read = expand ? expandEnvFile(file, name => known.get(name)?.value ?? ownValue(shellEnv, name)) : file
    problems.push(...read.problems)
    const last = new Map(read.entries.map(entry => [entry.key, entry]))
    for (const {key, value, line, column} of last.values()) set(merged, key, value, {file: file.file, line, column})
  }
  return {configVars: merged, problems: [...problems, ...warnOfPath(merged, ownValue(shellEnv, 'PATH'))]}
}

/** `configVars` with `--env-var NAME=value` settings on top. Throws FLAG_INVALID, without the value. */
export function withEnvVars(configVars: ConfigVars, settings: readonly string[]): ConfigVars {
  const merged = new Map(configVars)
  for (const setting of settings) {
    const [, key, value] = /^([A-Za-z_0-9][A-Za-z0-9_.-]*)=([\s\S]*)$/.exec(setting) ?? []
    if (key === undefined || value === undefined) {
      throw new HomeportError('FLAG_INVALID', 'A value of --env-var sets no variable.', {hint: 'Write --env-var NAME=value.'})
    }
    set(merged, key, value, {file: '--env-var'})
  }
  return merged
}

/** Names and values alone, as a process takes them. */
export function configVarValues(configVars: ConfigVars): Readonly<Record<string, string>> {
  return Object.fromEntries([...configVars].map(([name, {value}]) => [name, value]))
}

/** The router's port that `PORT` of .env asks for (cli.md section 2, `--port`). Throws PORT_INVALID with file and line when it is no port. */
export function portOf(configVars: ConfigVars): number | undefined {
  const found = configVars.get('PORT')
  if (found === undefined) return undefined
  const port = Number(found.value)
  if (/^\d{1,5}$/.test(found.value) && port <= 65_535) return port
  throw new HomeportError('PORT_INVALID', 'PORT is no number from 0 to 65535.', {
    hint: 'Write PORT=5006, or remove the line.',
    place: found.place,
  })
}

function set(merged: Map<string, ConfigVar>, key: string, value: string, place: Place): void {
  const earlier = merged.get(key)
  merged.set(key, {value, place, overridden: earlier === undefined ? [] : [...earlier.overridden, earlier.place]})
}

function ownValue(shellEnv: Readonly<Record<string, string | undefined>>, name: string): string | undefined {
  return Object.hasOwn(shellEnv, name) ? shellEnv[name] : undefined
}

/** A PATH from .env replaces the shell's: without a folder of the system nothing is found, and the reason is hard to see. */
function warnOfPath(configVars: ConfigVars, shellPath = ''): readonly Problem[] {
  const path = configVars.get('PATH')
  const known = new Set(['/bin', '/usr/bin', ...shellPath.split(':').filter(folder => folder !== '')])
  if (path === undefined || path.value.split(':').some(folder => known.has(folder))) return []
  const {file, line = 1, column = 1} = path.place
  const message = 'PATH replaces the one of the shell and holds neither /bin nor /usr/bin: most commands will not be found.'
  const fix = path.value.includes('$') ? 'Write the folders out, or use `--expand`.' : 'Add the folders of the system.'
  return [{file, line, column, severity: 'warning', rule: 'path-without-system', message, fix}]
}
