import {type Place, renderPlace} from '../../model/error.ts'
import type {ShownVariable} from '../../model/shown-env.ts'
import {printable} from './error.ts'

export type EnvRenderOptions = {
  /** Values in clear; masked otherwise, in the same way whatever they are. */
  readonly show: boolean
}

/** `KEY=value` for each variable, in columns with where it comes from and what it beats. */
export function renderEnv(variables: readonly ShownVariable[], {show}: EnvRenderOptions): string {
  const rows = variables.map(variable => ({left: `${printable(variable.name)}=${shownValue(variable, show)}`, right: originOf(variable)}))
  const width = Math.min(60, Math.max(0, ...rows.map(({left}) => left.length)))
  return rows.map(({left, right}) => `${left.padEnd(width)}  ${right}\n`).join('')
}

/** `env --json` (cli.md section 6). */
export function envDocument(variables: readonly ShownVariable[], {show}: EnvRenderOptions): Readonly<Record<string, unknown>> {
  return Object.fromEntries(
    variables.map(({name, value, source, place}) => {
      const where = place === undefined ? {} : {file: place.file, ...(place.line === undefined ? {} : {line: place.line})}
      return [name, {value: show ? (value ?? null) : null, source, ...where}]
    }),
  )
}

function shownValue({value}: ShownVariable, show: boolean): string {
  if (value === undefined) return '(given at the start)'
  if (!show) return value === '' ? '(empty)' : '********'
  return /[\u0000-\u001f\u007f-\u009f]/.test(value) ? JSON.stringify(value) : value
}

function originOf({source, place, overridden}: ShownVariable): string {
  const origin = place === undefined ? (source === 'platform' ? 'Homeport' : 'the shell') : renderOrigin(place)
  const losers = overridden.map(loser => (loser === 'the shell' ? loser : renderOrigin(loser)))
  return losers.length === 0 ? origin : `${origin}, over ${losers.join(', ')}`
}

function renderOrigin({file, line}: Place): string {
  return printable(renderPlace({file, ...(line === undefined ? {} : {line})}))
}
