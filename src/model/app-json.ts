import type {Place} from './error.ts'
import type {Healthcheck} from './healthcheck.ts'

/** A config var that app.json asks for. */
export type AppVariable = {
  readonly description?: string
  readonly value?: string
  /** Must be set before the app can run: the default, but not for a name given as null. */
  readonly isRequired: boolean
  /** `secret`: a random value is made when none is given. */
  readonly generator?: 'secret'
  readonly place: Place
}

export type AppAddOn = {
  /** `heroku-postgresql:essential-0`, or the service alone. */
  readonly plan: string
  /** Prefix of its config vars, instead of the service's own. */
  readonly as?: string
  readonly options: ReadonlyMap<string, string>
}

/** app.json, as far as Homeport acts on it (platform.md e.7, Dokku's `healthchecks`); every map in file order. */
export type AppJson = {
  readonly name?: string
  readonly stack?: string
  readonly env: ReadonlyMap<string, AppVariable>
  readonly addOns: readonly AppAddOn[]
  readonly formation: ReadonlyMap<string, {readonly quantity?: number; readonly size?: string}>
  /** References of buildpacks, in order. */
  readonly buildpacks: readonly string[]
  /** `postdeploy`, `pr-predestroy`, `test`, `test-setup`, Dokku's as `dokku.predeploy`. */
  readonly scripts: ReadonlyMap<string, string>
  readonly healthchecks: ReadonlyMap<string, readonly Healthcheck[]>
  /** `test`, `review`: what an environment changes; `forEnvironment` puts it over the rest. */
  readonly environments: ReadonlyMap<string, AppJsonChanges>
}

/** The keys of an environment that are there. */
export type AppJsonChanges = Partial<Omit<AppJson, 'environments' | 'name'>>

/** An app without app.json. */
export const emptyAppJson: AppJson = {
  env: new Map(),
  addOns: [],
  formation: new Map(),
  buildpacks: [],
  scripts: new Map(),
  healthchecks: new Map(),
  environments: new Map(),
}

/** app.json as it counts in `environment`: its keys replace those of the base, `env` is laid over the base's (platform.md e.7). */
export function forEnvironment(appJson: AppJson, environment: string): AppJson {
  const {env = new Map(), ...changes} = appJson.environments.get(environment) ?? {}
  return {...appJson, ...changes, env: new Map([...appJson.env, ...env])}
}

/** Names that must be set before the app can run: neither given (`isSet`) nor with a value or generator of their own. */
export function unsetVariables(appJson: AppJson, isSet: (name: string) => boolean): ReadonlyMap<string, AppVariable> {
  return new Map(
    [...appJson.env].filter(
      ([name, {isRequired, value, generator}]) => isRequired && !isSet(name) && value === undefined && generator === undefined,
    ),
  )
}
