import {ApiError, type ApiReply} from './api.ts'

const defaultMax = 200
const mostMax = 1_000

type Item = Readonly<Record<string, unknown>>

/** The part of a list that the Range header asks for, `name ..; max=10, order=desc`, with the header for the next part (platform.md j.2). */
export function pageOf(items: readonly Item[], range: string | undefined): ApiReply {
  if (range === undefined && items.length <= defaultMax) return {status: 200, body: items}
  const {attribute, from, isAfter, to, max, isDescending} = parseRange(range ?? 'id ..')
  if (items.some(item => !(attribute in item))) return notSatisfiable(`There is no range of ${attribute} here.`)
  const sorted = items.toSorted((a, b) => compare(a[attribute], b[attribute]) * (isDescending ? -1 : 1))
  const isBehind = (item: Item, bound: string) => compare(item[attribute], boundValue(item[attribute], bound)) * (isDescending ? -1 : 1)
  const rest = sorted
    .filter(item => from === '' || isBehind(item, from) > (isAfter ? 0 : -1))
    .filter(item => to === '' || isBehind(item, to) <= 0)
  const page = rest.slice(0, max)
  const last = page.at(-1)?.[attribute]
  const headers = {
    'Accept-Ranges':
      items.length === 0
        ? 'id'
        : Object.keys(items[0] ?? {})
            .filter(key => sortable.has(key))
            .join(', '),
    'Content-Range': `${attribute} ${page[0]?.[attribute] ?? ''}..${last ?? ''}`,
  }
  if (rest.length <= max) return {status: 200, headers, body: page}
  const order = isDescending ? ', order=desc' : ''
  return {status: 206, headers: {...headers, 'Next-Range': `${attribute} ]${last}..${to}; max=${max}${order}`}, body: page}
}

const sortable = new Set(['id', 'name', 'version', 'type', 'hostname', 'created_at', 'updated_at'])

function parseRange(range: string) {
  const [bounds = '', options = ''] = range.split(';')
  const [, attribute = 'id', after = '', from = '', to = ''] = /^\s*(\w+)(?:\s+(\]?)([^\s;]*?)\.\.([^\s;]*))?\s*$/.exec(bounds) ?? []
  const max = Number(/(?:^|[\s,])max=(\d+)/.exec(options)?.[1] ?? defaultMax)
  if (max < 1 || max > mostMax) throw new ApiError(416, 'requested_range_not_satisfiable', `max must be 1 to ${mostMax}.`)
  return {attribute, from, isAfter: after === ']', to, max, isDescending: /(?:^|[\s,])order=desc\b/.test(options)}
}

function notSatisfiable(message: string): never {
  throw new ApiError(416, 'requested_range_not_satisfiable', message)
}

function boundValue(like: unknown, bound: string): string | number {
  return typeof like === 'number' ? Number(bound) : bound
}

function compare(a: unknown, b: unknown): number {
  if (typeof a === 'number' && typeof b === 'number') return a - b
  const [left, right] = [String(a), String(b)]
  return left < right ? -1 : left > right ? 1 : 0
}
