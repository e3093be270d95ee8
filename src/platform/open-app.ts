import {existsSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {type App, appName} from '../model/app.ts'
import {HomeportError} from '../model/error.ts'
import type {ProcessTypes} from '../model/formation.ts'
import {type Problem, sortProblems, throwStopping, warningsAtStart} from '../model/problem.ts'
import {readProcfile} from '../model/procfile.ts'
import {readAppFile, realFolder} from './read-app-file.ts'
import {type ConfigVarsOptions, readConfigVars} from './read-config-vars.ts'

export type OpenAppOptions = ConfigVarsOptions & {
  /** Value of `-f`, relative to the folder; `Procfile` by default. */
  readonly procfile?: string
}

/**
 * Folder -> App. Synchronous and quick, since the first dyno waits for it: two small files, nothing else. Throws
 * ROOT_NOT_A_FOLDER, PROCFILE_MISSING, PROCFILE_INVALID, NO_PROCESS_TYPES, FILE_UNREADABLE and what `readConfigVars` throws.
 */
export function openApp(folder: string, options: OpenAppOptions = {}): App {
  const root = realFolder(folder)
  const declared = readTypes(root, options.procfile)
  const {configVars, warnings} = readConfigVars(root, options)
  return {
    name: appName(root),
    root,
    types: declared.types,
    configVars,
    warnings: sortProblems([...warningsAtStart(declared.problems), ...warnings]),
    notices: declared.notices,
  }
}

export type DeclaredTypes = {readonly types: ProcessTypes; readonly problems: readonly Problem[]; readonly notices: readonly string[]}

/** The process types of a folder: those of its Procfile, else `npm start` when package.json has a start script. */
function readTypes(root: string, named: string | undefined): DeclaredTypes {
  const name = named ?? 'Procfile'
  const bytes = readAppFile(root, name)
  if (bytes === undefined) {
    const substitute = named === undefined ? readStartScript(root) : undefined
    if (substitute !== undefined) return substitute
    throw new HomeportError('PROCFILE_MISSING', `There is no ${name} in ${root}.`, {hint: missingHint(root, named), place: {file: name}})
  }
  const {types, problems} = readProcfile(bytes, name)
  throwStopping('PROCFILE_INVALID', problems)
  if (types.size === 0) throw noTypes(name, problems)
  return {types, problems, notices: []}
}

/** What to do without a Procfile: take one of another name that is there, rename it, or write one. */
function missingHint(root: string, named: string | undefined): string {
  if (named !== undefined) return 'Check the name given with --procfile.'
  const others = namesIn(root)
    .filter(file => /^procfile/i.test(file) && file !== 'Procfile')
    .sort()
  const other = others.find(file => file.length === 'Procfile'.length) ?? others.find(file => file.startsWith('Procfile.')) ?? others[0]
  if (other !== undefined) {
    return /^procfile(\.txt)?$/i.test(other)
      ? `${other} must be named Procfile: \`mv ${other} Procfile\`.`
      : `There is ${other}, which is used only when it is named: \`homeport start -f ${other}\`.`
  }
  const script = existsSync(join(root, 'package.json')) ? ' package.json has no start script that could stand in for it.' : ''
  return `Write one: a line such as \`web: node server.js\` for each process type.${script}`
}

function namesIn(root: string): readonly string[] {
  try {
    return readdirSync(root)
  } catch {
    return [] // this user may enter the folder, but not look round in it
  }
}

/** `web: npm start` when package.json has a start script (cli.md section 2). A package.json that cannot be read counts as none. */
export function readStartScript(root: string): DeclaredTypes | undefined {
  let script: unknown
  try {
    const parsed: unknown = JSON.parse(readAppFile(root, 'package.json')?.toString('utf8') ?? '{}')
    script = (parsed as {scripts?: {start?: unknown} | null} | null)?.scripts?.start
  } catch {
    return undefined
  }
  if (typeof script !== 'string' || script.trim() === '') return undefined
  return {
    types: new Map([['web', 'npm start']]),
    problems: [],
    notices: ['No Procfile: web runs `npm start`, the start script of package.json.'],
  }
}

function noTypes(name: string, problems: readonly Problem[]): HomeportError {
  const first = problems.find(({severity}) => severity === 'error')
  const hint = first?.fix ?? 'Write a line such as `web: node server.js` for each process type.'
  const place = first === undefined ? {file: name} : {file: name, line: first.line, column: first.column}
  const message = first === undefined ? `${name} declares no process type.` : `${name} declares no process type. ${first.message}`
  return new HomeportError('NO_PROCESS_TYPES', message, {hint, place})
}
