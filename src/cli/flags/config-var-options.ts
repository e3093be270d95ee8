import type {Settings} from '../../model/settings.ts'
import type {ConfigVarsOptions} from '../../platform/read-config-vars.ts'
import type {FlagValues} from './flag-table.ts'
import {list} from './read-start-options.ts'

/** Where config vars come from, by the flags `-e`, `--env-var` and `--expand`. A value of `--env-var` may hold commas. */
export function configVarOptions(values: FlagValues, {shellEnv}: Pick<Settings, 'shellEnv'>): ConfigVarsOptions {
  const envVars = values['env-var']
  return {
    env: list(values, 'env'),
    envVars: Array.isArray(envVars) ? envVars : envVars === undefined ? [] : [String(envVars)],
    expand: values['expand'] === true,
    shellEnv,
  }
}
