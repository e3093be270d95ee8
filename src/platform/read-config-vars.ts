import {existsSync} from 'node:fs'
import {join} from 'node:path'
import {type ConfigVars, mergeEnvFiles, withEnvVars} from '../model/config-vars.ts'
import {type EnvFile, readEnvFile} from '../model/env-file.ts'
import {HomeportError} from '../model/error.ts'
import {type Problem, sortProblems, throwStopping, warningsAtStart} from '../model/problem.ts'
import {readAppFile} from './read-app-file.ts'

export type ConfigVarsOptions = {
  /** Values of `-e`: file names relative to the folder, each maybe a comma list; a later file wins. */
  readonly env?: readonly string[]
  /** Read `.env`, if it is there, below the named files too, as `build` and `ci` do; `start` reads it only when none is named. */
  readonly withDefault?: boolean
  /** Values of `--env-var`, over all files. */
  readonly envVars?: readonly string[]
  readonly expand?: boolean
  /** Where `expand` looks after the files. */
  readonly shellEnv?: Readonly<Record<string, string | undefined>>
}

const defaultFile = '.env'

/**
 * The config vars of the app in the real folder `root`, from its .env files. Throws ENV_FILE_MISSING for a named file that is not
 * there, ENV_FILE_INVALID with the place when a file stops everything, FILE_UNREADABLE.
 */
export function readConfigVars(root: string, options: ConfigVarsOptions = {}): {configVars: ConfigVars; warnings: readonly Problem[]} {
  const named = (options.env ?? []).flatMap(names => names.split(',').map(name => name.trim())).filter(name => name !== '')
  const files: EnvFile[] = []
  if (options.env === undefined || options.env.length === 0 || options.withDefault === true) files.push(...readDefault(root))
  for (const name of named) files.push(readNamed(root, name))
  for (const {problems} of files) throwStopping('ENV_FILE_INVALID', problems)
  const {configVars, problems} = mergeEnvFiles(files, options)
  throwStopping('ENV_FILE_INVALID', problems)
  return {configVars: withEnvVars(configVars, options.envVars ?? []), warnings: sortProblems(warningsAtStart(problems))}
}

function readDefault(root: string): readonly EnvFile[] {
  if (isVirtualEnvironment(root)) return [{file: defaultFile, entries: [], problems: [virtualEnvironment]}]
  const bytes = readAppFile(root, defaultFile)
  return bytes === undefined ? [] : [readEnvFile(bytes, defaultFile)]
}

/** Python programmers call the folder of their libraries `.env` too. */
export function isVirtualEnvironment(root: string): boolean {
  return existsSync(join(root, defaultFile, 'pyvenv.cfg'))
}

const virtualEnvironment: Problem = {
  file: defaultFile,
  line: 1,
  column: 1,
  severity: 'warning',
  rule: 'virtual-environment',
  message: '.env is a virtual environment of Python here, so no config vars are read.',
  fix: 'Keep the config vars in another file and name it with --env.',
}

function readNamed(root: string, name: string): EnvFile {
  const bytes = readAppFile(root, name)
  if (bytes !== undefined) return readEnvFile(bytes, name)
  throw new HomeportError('ENV_FILE_MISSING', `There is no file ${name} in ${root}.`, {
    hint: 'Check the name given with --env.',
    place: {file: name},
  })
}
