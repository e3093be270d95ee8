import {nearest} from '../lib/nearest.ts'
import {HomeportError} from './error.ts'

/** Process type -> command, in file order. A Map, since an object would re-sort integer-like names. */
export type ProcessTypes = ReadonlyMap<string, string>

/** Process type -> quantity, in file order (platform.md a.3). */
export type Formation = ReadonlyMap<string, number>

export type FormationChange = {readonly type: string; readonly sign: '=' | '+' | '-'; readonly quantity: number; readonly size?: string}

/** Types that never start by themselves: `release` runs in the release phase (platform.md a.2). */
const neverStarted = new Set(['release'])

/** Whether dynos of this type belong to a formation. */
export function isStartable(type: string): boolean {
  return !neverStarted.has(type)
}

const maxQuantity = 10_000

/** Reads one argument of `ps:scale`: `web=2`, `worker+1`, `web-1`, `web=2:standard-2x` (platform.md a.3). */
export function parseScale(text: string): FormationChange {
  const match = /^([\w-]+?)([=+-])(\d+)(?::([\w-]+))?$/.exec(text)
  const [, type, sign, digits, size] = match ?? []
  if (type === undefined || Number(digits) > maxQuantity) {
    throw new HomeportError('FLAG_INVALID', `“${text}” is not a formation.`, {hint: 'Write TYPE=N, for example `web=2` or `worker+1`.'})
  }
  return {type, sign: sign as FormationChange['sign'], quantity: Number(digits), ...(size === undefined ? {} : {size})}
}

/**
 * Reads quantities that are set, not changed: `web=2,worker=1`. Throws FLAG_INVALID for all else, a size too: dynos of a pool keep
 * theirs.
 */
export function parseQuantities(text: string): Formation {
  const changes = text
    .split(',')
    .filter(part => part.trim() !== '')
    .map(part => parseScale(part.trim()))
  for (const {type, sign, quantity} of changes) {
    if (sign === '=') continue
    throw new HomeportError('FLAG_INVALID', `“${type}${sign}${quantity}” is no quantity.`, {hint: `Write ${type}=N.`})
  }
  refuseSizes(changes)
  return new Map(changes.map(({type, quantity}) => [type, quantity]))
}

/** Throws FLAG_INVALID when a change names a size. */
export function refuseSizes(changes: readonly FormationChange[]): void {
  const sized = changes.find(({size}) => size !== undefined)
  if (sized === undefined) return
  throw new HomeportError('FLAG_INVALID', `On a pool the size of a dyno cannot be changed yet: “${sized.type}…:${sized.size}”.`, {
    hint: `Leave out “:${sized.size}”; every dyno of a pool is standard-1x.`,
  })
}

/** Quantities after `changes`; types that are not named keep theirs. Throws for a type that does not exist. */
export function scaleFormation(formation: Formation, changes: readonly FormationChange[]): Formation {
  const next = new Map(formation)
  for (const {type, sign, quantity} of changes) {
    const current = next.get(type)
    if (current === undefined) throw unknownType(type, [...formation.keys()])
    next.set(type, sign === '=' ? quantity : Math.max(0, sign === '+' ? current + quantity : current - quantity))
  }
  return next
}

export type FormationWishes = {
  /** `start web worker=2`: a bare type means that only the types named here run; `TYPE=N` alone sets a quantity. */
  readonly arguments?: readonly string[]
  /** `-m all=1,web=2` */
  readonly formation?: string
  /** `-x worker` */
  readonly except?: readonly string[]
}

/** What `start` runs: one dyno of each type unless the user says otherwise; `release` never. */
export function planFormation(types: ProcessTypes, wishes: FormationWishes = {}): Formation {
  const startable = [...types.keys()].filter(isStartable)
  const named = (wishes.arguments ?? []).map(text => (/[=+]/.test(text) ? parseScale(text) : {type: text, sign: '=' as const, quantity: 1}))
  const wanted = (wishes.formation ?? '')
    .split(',')
    .filter(part => part.trim() !== '')
    .map(part => parseScale(part.trim()))
  const known = new Set(startable)
  for (const {type} of [...named, ...wanted.filter(change => change.type !== 'all')]) {
    if (!known.has(type)) throw unknownType(type, startable)
  }
  for (const type of wishes.except ?? []) if (!known.has(type)) throw unknownType(type, startable)
  const base = wanted.find(change => change.type === 'all')?.quantity ?? ((wishes.arguments ?? []).some(text => !/[=+]/.test(text)) ? 0 : 1)
  let formation: Formation = new Map(startable.map(type => [type, base]))
  formation = scaleFormation(
    formation,
    wanted.filter(change => change.type !== 'all'),
  )
  formation = scaleFormation(formation, named)
  const except = new Set(wishes.except)
  return new Map([...formation].map(([type, quantity]) => [type, except.has(type) ? 0 : quantity]))
}

/** Throws UNKNOWN_TYPE for a type that the formation does not have. */
export function checkType(type: string, formation: Formation): void {
  if (!formation.has(type)) throw unknownType(type, [...formation.keys()])
}

function unknownType(type: string, known: readonly string[]): HomeportError {
  const meant = nearest(type, known)
  const declared = known.length > 0 ? `The Procfile declares: ${known.join(', ')}.` : 'The Procfile declares none that can be started.'
  return new HomeportError('UNKNOWN_TYPE', `No process type “${type}” here.`, {
    hint: meant === undefined || known.length === 1 ? declared : `Did you mean ${meant}? ${declared}`,
  })
}
