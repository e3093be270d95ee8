import {randomBytes} from 'node:crypto'
import type {AppJson} from '../../model/app-json.ts'
import {unsetVariables} from '../../model/app-json.ts'
import type {ConfigVars} from '../../model/config-vars.ts'
import {HomeportError} from '../../model/error.ts'
import type {Settings} from '../../model/settings.ts'
import {parseUrlCheck, type UrlCheck, urlCheckOf} from '../../model/url-check.ts'
import type {CiOptions} from '../../platform/ci.ts'
import {readConfigVars} from '../../platform/read-config-vars.ts'
import {configVarOptions} from '../flags/config-var-options.ts'
import type {FlagValues} from '../flags/flag-table.ts'
import {optionalText} from '../flags/read-start-options.ts'

export type CiFlagValues = {readonly values: FlagValues; readonly settings: Settings; readonly warn: (text: string) => void}

/** app.json's values, generated ones too, then `.env`, `-e`, `--env-var`; a required one that is unset is exit 3 (cli.md section 8). */
export function ciConfigVars(root: string, appJson: AppJson, {values, settings, warn}: CiFlagValues): ConfigVars {
  const {configVars} = readConfigVars(root, {...configVarOptions(values, settings), withDefault: true})
  const [unset] = unsetVariables(appJson, name => configVars.has(name))
  if (unset !== undefined) throw required(...unset)
  const all = new Map(configVars)
  for (const [name, {value, generator, place}] of appJson.env) {
    const given = value ?? (generator === 'secret' ? randomBytes(32).toString('hex') : undefined)
    if (!all.has(name) && given !== undefined) all.set(name, {value: given, place, overridden: []})
  }
  for (const {plan, as} of appJson.addOns) {
    const variable = addOnVariable(plan, as)
    if (!all.has(variable)) warn(`app.json asks for the add-on ${plan}, which is not here: set ${variable} with --env-var or in .env.`)
  }
  return all
}

function required(
  name: string,
  {description, place}: {readonly description?: string; readonly place: HomeportError['place'] & object},
): HomeportError {
  return new HomeportError('CONFIG_VAR_REQUIRED', `The config var ${name} is required and not set.`, {
    hint: `${description === undefined ? '' : `${description} `}Set it with --env-var ${name}=…, or in .env.`,
    place,
  })
}

/** The config var that an add-on brings. */
function addOnVariable(plan: string, as: string | undefined): string {
  const service = plan.split(':')[0] ?? plan
  const known: Readonly<Record<string, string>> = {'heroku-postgresql': 'DATABASE', 'heroku-redis': 'REDIS'}
  return `${as ?? known[service] ?? service.toUpperCase().replaceAll(/[^A-Z0-9]+/g, '_')}_URL`
}

export type PlannedChecks = Pick<CiOptions, 'urls' | 'command' | 'timeoutMs' | 'host'>

/** The checks that were given, else those of app.json; none at all: healthy is enough. */
export function planChecks(appJson: AppJson, values: FlagValues, command: readonly string[]): PlannedChecks {
  const given = values['url']
  const typed = (Array.isArray(given) ? given : given === undefined ? [] : [String(given)]).map(parseUrlCheck)
  const isGiven = typed.length > 0 || command.length > 0
  const urls: readonly UrlCheck[] = isGiven ? typed : (appJson.healthchecks.get('web') ?? []).map(urlCheckOf)
  // With --test it ran already.
  const script = isGiven || values['test'] === true ? undefined : appJson.scripts.get('test')
  const [first, ...rest] = command
  const run = first === undefined ? script : rest.length === 0 ? first : command
  const seconds = optionalText(values, 'timeout') ?? '120'
  if (!/^\d+(\.\d+)?$/.test(seconds)) throw new HomeportError('FLAG_INVALID', `--timeout: “${seconds}” is no number of seconds.`)
  const host = optionalText(values, 'host')
  return {urls, timeoutMs: Number(seconds) * 1_000, ...(run === undefined ? {} : {command: run}), ...(host === undefined ? {} : {host})}
}
