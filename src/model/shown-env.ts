import type {ConfigVars} from './config-vars.ts'
import {urlVariable} from './dyno.ts'
import type {Place} from './error.ts'
import type {ProcessTypes} from './formation.ts'

/** A variable of a dyno's environment, with where it comes from. */
export type ShownVariable = {
  readonly name: string
  /** Absent when it is decided at the start of each dyno only, as PORT is. */
  readonly value?: string
  /** `platform`: set by Homeport, whatever files and shell say. */
  readonly source: 'file' | 'shell' | 'platform'
  readonly place?: Place
  /** What set it too and lost: `the shell`, or a place. */
  readonly overridden: readonly (Place | 'the shell')[]
}

export type ShownEnvParts = {
  readonly shellEnv: Readonly<Record<string, string | undefined>>
  readonly configVars: ConfigVars
  /** Of the Procfile, if there is one. */
  readonly types: ProcessTypes
}

/** What a dyno of a folder sees (cli.md section 2, Environment of a dyno): the shell's variables, .env over them, then ours; by name. */
export function shownEnv({shellEnv, configVars, types}: ShownEnvParts): readonly ShownVariable[] {
  const variables = new Map<string, ShownVariable>()
  for (const [name, value] of Object.entries(shellEnv)) {
    if (value !== undefined) variables.set(name, {name, value, source: 'shell', overridden: []})
  }
  for (const [name, {value, place, overridden}] of configVars) {
    variables.set(name, {name, value, source: 'file', place, overridden: [...losers(variables.get(name)), ...overridden]})
  }
  const [firstType = 'web'] = types.has('web') ? ['web'] : types.keys()
  const ours: [name: string, value?: string][] = [['PORT'], ['DYNO', `${firstType}.1`], ['PS', `${firstType}.1`]]
  for (const type of types.keys()) if (type !== firstType && type !== 'release') ours.push([urlVariable(type)])
  if (!variables.has('PYTHONUNBUFFERED')) ours.push(['PYTHONUNBUFFERED', '1'])
  for (const [name, value] of ours) {
    variables.set(name, {name, ...(value === undefined ? {} : {value}), source: 'platform', overridden: losers(variables.get(name))})
  }
  return [...variables.values()].toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

function losers(variable: ShownVariable | undefined): ShownVariable['overridden'] {
  if (variable === undefined) return []
  return [
    ...variable.overridden,
    ...(variable.source === 'shell' ? ['the shell' as const] : variable.place === undefined ? [] : [variable.place]),
  ]
}
