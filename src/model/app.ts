import type {ConfigVars} from './config-vars.ts'
import {hostLabel} from './dyno.ts'
import type {ProcessTypes} from './formation.ts'
import type {Problem} from './problem.ts'

/** A folder with a name, a Procfile and its config vars. */
export type App = {
  /** The folder's name as it stands in host names. */
  readonly name: string
  /** Absolute real path of the folder. */
  readonly root: string
  readonly types: ProcessTypes
  readonly configVars: ConfigVars
  /** What is wrong with its files and does not stop it; `severity` is warning for each. */
  readonly warnings: readonly Problem[]
  /** Sentences for the user, such as which command stands in for a Procfile that is missing. */
  readonly notices: readonly string[]
}

/** The app's name: the label of its folder (cli.md section 2, Names). */
export function appName(root: string): string {
  return hostLabel(root.slice(root.lastIndexOf('/') + 1))
}
