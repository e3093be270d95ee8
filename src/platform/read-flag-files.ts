import {readEnvFile} from '../model/env-file.ts'
import {HomeportError} from '../model/error.ts'
import {readForemanFile} from '../model/foreman-file.ts'
import {type Problem, throwStopping, warningsAtStart} from '../model/problem.ts'
import {readAppFile} from './read-app-file.ts'

/** What the files of a folder say about the flags of `start` (cli.md section 1). */
export type FlagFiles = {
  /** `.homeport.env`: `HOMEPORT_PORT` -> `5000`. */
  readonly homeportEnv: ReadonlyMap<string, string>
  /** `.foreman`, which everything else beats: `port` -> `5000`, `timeout-stop` -> `5`. */
  readonly foreman: ReadonlyMap<string, string>
  readonly warnings: readonly Problem[]
  /** Sentences for the user, for `start` to show. */
  readonly notices: readonly string[]
}

/** Reads `.homeport.env` and `.foreman` of `root`. Throws ENV_FILE_INVALID, FILE_UNREADABLE; a .foreman that cannot be read is left out. */
export function readFlagFiles(root: string): FlagFiles {
  const homeportEnv = readHomeportEnv(root)
  const foreman = readForeman(root)
  const flags = [...foreman.values.keys()].map(flag => `--${flag}`)
  return {
    homeportEnv: homeportEnv.values,
    foreman: foreman.values,
    warnings: warningsAtStart([...homeportEnv.problems, ...foreman.problems]),
    notices: flags.length === 0 ? [] : [`.foreman sets ${flags.join(', ')}, unless something else does.`],
  }
}

type FileValues = {readonly values: ReadonlyMap<string, string>; readonly problems: readonly Problem[]}

function readHomeportEnv(root: string): FileValues {
  const file = '.homeport.env'
  const bytes = readAppFile(root, file)
  if (bytes === undefined) return {values: new Map(), problems: []}
  const {entries, problems} = readEnvFile(bytes, file)
  throwStopping('ENV_FILE_INVALID', problems)
  const foreign = entries.filter(({key}) => !key.startsWith('HOMEPORT_'))
  const misplaced = foreign.map(({key, line, column}): Problem => {
    const message = `${key} does nothing in ${file}, which sets flags of Homeport.`
    return {file, line, column, severity: 'warning', rule: 'no-setting', message, fix: 'Config vars of the app belong in .env.'}
  })
  return {values: new Map(entries.map(({key, value}) => [key, value])), problems: [...problems, ...misplaced]}
}

function readForeman(root: string): FileValues {
  try {
    const bytes = readAppFile(root, '.foreman')
    if (bytes === undefined) return {values: new Map(), problems: []}
    const {values, problems} = readForemanFile(bytes)
    return {values: new Map([...values].map(([flag, {value}]) => [flag, value])), problems}
  } catch (error) {
    if (error instanceof HomeportError) return {values: new Map(), problems: []}
    throw error
  }
}
