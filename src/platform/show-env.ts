import {HomeportError} from '../model/error.ts'
import type {ProcessTypes} from '../model/formation.ts'
import type {Problem} from '../model/problem.ts'
import {readProcfile} from '../model/procfile.ts'
import {type ShownVariable, shownEnv} from '../model/shown-env.ts'
import {readAppFile, realFolder} from './read-app-file.ts'
import {type ConfigVarsOptions, readConfigVars} from './read-config-vars.ts'

export type ShowEnvOptions = ConfigVarsOptions & {
  /** This variable alone. */
  readonly name?: string
  /** The Procfile whose types have addresses in the environment. */
  readonly procfile?: string
  readonly shellEnv: Readonly<Record<string, string | undefined>>
}

/**
 * What a dyno of the folder would see, and from where. Needs no Procfile; reads .env as `start` does and throws what
 * `readConfigVars` throws, and USAGE for a `name` that is not set.
 */
export function showEnv(folder: string, options: ShowEnvOptions): {variables: readonly ShownVariable[]; warnings: readonly Problem[]} {
  const root = realFolder(folder)
  const {configVars, warnings} = readConfigVars(root, options)
  const variables = shownEnv({shellEnv: options.shellEnv, configVars, types: readTypes(root, options.procfile)})
  const {name} = options
  if (name === undefined) return {variables, warnings}
  const found = variables.find(variable => variable.name === name)
  if (found !== undefined) return {variables: [found], warnings}
  throw new HomeportError('USAGE', `${name} is not set.`, {
    hint: 'Neither the shell nor a .env file sets it; `homeport env` lists what is set.',
  })
}

/** None when the Procfile is missing or cannot be read: `check` and `start` say why. */
function readTypes(root: string, procfile = 'Procfile'): ProcessTypes {
  try {
    return readProcfile(readAppFile(root, procfile) ?? new Uint8Array(), procfile).types
  } catch (error) {
    if (error instanceof HomeportError) return new Map()
    throw error
  }
}
