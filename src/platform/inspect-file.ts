import {type ConfigVars, mergeEnvFiles, portOf} from '../model/config-vars.ts'
import {adviseEnvFile} from '../model/env-advice.ts'
import {readEnvFile} from '../model/env-file.ts'
import {HomeportError} from '../model/error.ts'
import {readForemanFile} from '../model/foreman-file.ts'
import type {ProcessTypes} from '../model/formation.ts'
import {parseAppJson} from '../model/parse-app-json.ts'
import type {Problem} from '../model/problem.ts'
import {readProcfile} from '../model/procfile.ts'
import {adviseProcfile, type ProcfileAdviceOptions} from '../model/procfile-advice.ts'
import {readSlugignore} from '../model/slugignore.ts'

export type FileKind = 'procfile' | 'env' | 'app-json' | 'slugignore' | 'foreman'

export type InspectOptions = {
  readonly expand: boolean
  readonly shellEnv: Readonly<Record<string, string | undefined>>
  readonly sight: ProcfileAdviceOptions
}

export type Inspection = {readonly problems: readonly Problem[]; readonly types?: ProcessTypes}

/** A file of a kind by its name, as `check FILE` knows it; nothing for any other. */
export function fileKind(path: string): FileKind | undefined {
  const name = path.slice(path.lastIndexOf('/') + 1)
  if (name.startsWith('Procfile')) return 'procfile'
  if (name.startsWith('.env') || name.endsWith('.env')) return 'env'
  if (name === 'app.json') return 'app-json'
  if (name === '.slugignore') return 'slugignore'
  return name === '.foreman' ? 'foreman' : undefined
}

/** All that `check` has to say about one file. */
export function inspectFile(file: string, kind: FileKind, bytes: Uint8Array, options: InspectOptions): Inspection {
  switch (kind) {
    case 'procfile':
      return inspectProcfile(file, bytes, options.sight)
    case 'env':
      return {problems: inspectEnvFile(file, bytes, options)}
    case 'app-json':
      return {problems: parseAppJson(bytes, file).problems}
    case 'slugignore':
      return {problems: readSlugignore(bytes, file).problems}
    case 'foreman':
      return {problems: readForemanFile(bytes, file).problems}
  }
}

function inspectProcfile(file: string, bytes: Uint8Array, sight: ProcfileAdviceOptions): Inspection {
  const procfile = readProcfile(bytes, file)
  const problems = [...procfile.problems, ...adviseProcfile(procfile, sight)]
  if (procfile.types.size > 0 || problems.some(({stops}) => stops)) return {types: procfile.types, problems}
  const message = `${file} declares no process type.`
  const fix = 'Write a line such as `web: node server.js` for each process type.'
  return {
    types: procfile.types,
    problems: [...problems, {file, line: 1, column: 1, severity: 'error', rule: 'no-process-types', message, fix}],
  }
}

/** Files that only show which variables there are: their values are no values yet. */
const template = /\.(?:example|sample|template|dist)$/

function inspectEnvFile(file: string, bytes: Uint8Array, {expand, shellEnv}: InspectOptions): readonly Problem[] {
  const envFile = readEnvFile(bytes, file)
  const advice = adviseEnvFile(envFile, {expand})
  if (template.test(file) || envFile.problems.some(({stops}) => stops)) return [...envFile.problems, ...advice]
  const {configVars, problems} = mergeEnvFiles([envFile], {expand, shellEnv})
  return [...problems, ...advice, ...inspectPort(configVars)]
}

function inspectPort(configVars: ConfigVars): readonly Problem[] {
  try {
    portOf(configVars)
    return []
  } catch (error) {
    if (!(error instanceof HomeportError) || error.place === undefined) throw error
    const {file, line = 1, column = 1} = error.place
    return [
      {
        file,
        line,
        column,
        severity: 'error',
        rule: 'port-invalid',
        message: error.message,
        ...(error.hint === undefined ? {} : {fix: error.hint}),
      },
    ]
  }
}
