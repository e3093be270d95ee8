import {readdirSync} from 'node:fs'
import {unsetVariables} from '../model/app-json.ts'
import {readEnvFile} from '../model/env-file.ts'
import {HomeportError} from '../model/error.ts'
import type {ProcessTypes} from '../model/formation.ts'
import {parseAppJson} from '../model/parse-app-json.ts'
import {type Problem, sortProblems} from '../model/problem.ts'
import {commandSight} from './command-sight.ts'
import {type FileKind, fileKind, type InspectOptions, inspectFile} from './inspect-file.ts'
import {readStartScript} from './open-app.ts'
import {readAppFile, realFolder} from './read-app-file.ts'
import {isVirtualEnvironment} from './read-config-vars.ts'
import {repairFile} from './repair-file.ts'

export type CheckOptions = {
  /** Names relative to the folder; all that the folder has when there is none. */
  readonly files?: readonly string[]
  /** What the named files are, when their names do not say it. */
  readonly as?: FileKind
  readonly fix?: boolean
  /** Warnings fail too. */
  readonly strict?: boolean
  readonly expand?: boolean
  /** The shell's, for PATH and `expand`. */
  readonly shellEnv?: Readonly<Record<string, string | undefined>>
}

export type CheckReport = {
  readonly ok: boolean
  readonly types: ProcessTypes
  /** What is left after the repairs. */
  readonly problems: readonly Problem[]
  /** What `fix` has mended. */
  readonly repaired: readonly Problem[]
  /** The files that were read. */
  readonly files: readonly string[]
}

/**
 * Finds mistakes in the files of an app, or in the named ones, before they run (cli.md section 6); starts nothing and, without
 * `fix`, changes nothing. Throws ROOT_NOT_A_FOLDER, USAGE for a file of unknown kind, NO_PERMISSION when a repair cannot be written.
 */
export function checkFiles(folder: string, options: CheckOptions = {}): CheckReport {
  const {files = [], fix = false, strict = false, expand = false, shellEnv = {}} = options
  const root = realFolder(folder)
  const targets = files.length > 0 ? files.map(file => namedTarget(file, options.as)) : folderTargets(root)
  const sight = commandSight(root, pathOfDynos(root, shellEnv))
  const checks = targets.map(target => checkFile(root, target, {expand, shellEnv, sight}, fix))
  const whole = files.length > 0 ? {problems: []} : checkFolder(root, checks)
  const problems = sortProblems([...checks.flatMap(check => check.problems), ...whole.problems])
  return {
    ok: !problems.some(({severity}) => severity === 'error' || (strict && severity === 'warning')),
    types: new Map([...(whole.types ?? []), ...checks.flatMap(({types}) => [...(types ?? [])])]),
    problems,
    repaired: sortProblems(checks.flatMap(({repaired}) => repaired)),
    files: checks.filter(({bytes}) => bytes !== undefined).map(({file}) => file),
  }
}

type Target = {readonly file: string; readonly kind: FileKind; readonly isNamed: boolean}
type Check = {
  readonly file: string
  readonly kind: FileKind
  readonly bytes?: Uint8Array
  readonly types?: ProcessTypes
  readonly problems: readonly Problem[]
  readonly repaired: readonly Problem[]
}

function namedTarget(file: string, as: FileKind | undefined): Target {
  const kind = as ?? fileKind(file)
  if (kind !== undefined) return {file, kind, isNamed: true}
  throw new HomeportError('USAGE', `What kind of file ${file} is cannot be told from its name.`, {
    hint: 'Add --as procfile, --as env or --as app-json.',
  })
}

/** Endings of files beside .env that are none: encrypted ones, and sources. */
const noEnvFile = /\.(?:gpg|enc|age|asc|sops|key|keys|vault|json|ya?ml|[cm]?[jt]s|py|rb|sh|php|md|swp|bak)$|~$/

function folderTargets(root: string): readonly Target[] {
  const names = readdirSync(root, {withFileTypes: true}).filter(
    entry => !entry.isDirectory() || entry.name !== '.env' || !isVirtualEnvironment(root),
  )
  const envFiles = names.map(({name}) => name).filter(name => /^\.env(?:\..+)?$/.test(name) && !noEnvFile.test(name))
  const others = ['.homeport.env', '.foreman', 'app.json', '.slugignore'].filter(name => names.some(entry => entry.name === name))
  return ['Procfile', ...envFiles.sort(), ...others].flatMap(file => {
    const kind = fileKind(file)
    return kind === undefined ? [] : [{file, kind, isNamed: false}]
  })
}

function checkFile(root: string, {file, kind, isNamed}: Target, options: InspectOptions, fix: boolean): Check {
  const bytes = readBytes(root, file)
  if (!(bytes instanceof Uint8Array)) {
    const isExpected = isNamed || bytes !== undefined
    return {file, kind, repaired: [], problems: isExpected ? [bytes ?? missing(file)] : []}
  }
  const found = inspectFile(file, kind, bytes, options)
  const repaired = fix ? repairFile(root, file, bytes, found.problems) : []
  const afterwards = repaired.length === 0 ? bytes : readBytes(root, file)
  const {problems, types} = afterwards instanceof Uint8Array && afterwards !== bytes ? inspectFile(file, kind, afterwards, options) : found
  return {file, kind, bytes, problems, repaired, ...(types === undefined ? {} : {types})}
}

/** The bytes of a file, nothing when it is missing, or the problem that it cannot be read. */
function readBytes(root: string, file: string): Uint8Array | Problem | undefined {
  try {
    return readAppFile(root, file)
  } catch (error) {
    if (!(error instanceof HomeportError)) throw error
    return wholeFile(file, 'file-unreadable', error.message, error.hint)
  }
}

function missing(file: string): Problem {
  return wholeFile(file, 'file-missing', `There is no file ${file}.`)
}

function wholeFile(file: string, rule: string, message: string, fix?: string): Problem {
  return {file, line: 1, column: 1, severity: 'error', rule, message, ...(fix === undefined ? {} : {fix})}
}

/** What no single file shows: a Procfile that is missing, a config var that app.json requires and no .env sets. */
function checkFolder(root: string, checks: readonly Check[]): {problems: readonly Problem[]; types?: ProcessTypes} {
  const problems: Problem[] = [...requiredVariables(checks)]
  const procfile = checks.find(({kind}) => kind === 'procfile')
  if (procfile?.bytes !== undefined || (procfile?.problems.length ?? 0) > 0) return {problems}
  const substitute = readStartScript(root)
  if (substitute === undefined) {
    return {
      problems: [
        wholeFile(
          'Procfile',
          'procfile-missing',
          'There is no Procfile.',
          'Write a line such as `web: node server.js` for each process type.',
        ),
        ...problems,
      ],
    }
  }
  const message = substitute.notices.join(' ')
  return {types: substitute.types, problems: [{...wholeFile('Procfile', 'procfile-missing', message), severity: 'note'}, ...problems]}
}

function requiredVariables(checks: readonly Check[]): readonly Problem[] {
  const appJson = checks.find(({kind}) => kind === 'app-json')?.bytes
  if (appJson === undefined) return []
  const env = checks.find(({file}) => file === '.env')?.bytes
  const set = new Set(env === undefined ? [] : readEnvFile(env).entries.map(({key}) => key))
  const unset = unsetVariables(parseAppJson(appJson).appJson, name => set.has(name))
  return [...unset].map(([name, {place}]) => {
    const {file, line = 1, column = 1} = place
    const message = `${name} is required, and .env does not set it.`
    return {file, line, column, severity: 'note', rule: 'required-unset', message, fix: 'Set it before `homeport ci`.'}
  })
}

/** PATH as the dynos have it: that of .env, else the shell's. */
function pathOfDynos(root: string, shellEnv: Readonly<Record<string, string | undefined>>): string | undefined {
  const bytes = readBytes(root, '.env')
  const own = bytes instanceof Uint8Array ? readEnvFile(bytes).entries.findLast(({key}) => key === 'PATH')?.value : undefined
  return own ?? shellEnv['PATH']
}
