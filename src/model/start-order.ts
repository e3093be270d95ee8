import {HomeportError} from './error.ts'

/** Type -> the types that must be up before its dynos start (cli.md section 2, `--after worker=web`). */
export type StartOrder = ReadonlyMap<string, ReadonlySet<string>>

/** Reads `worker=web` entries; refuses types that do not run and circles, which would wait for ever. */
export function planStartOrder(entries: readonly string[], running: ReadonlySet<string>): StartOrder {
  const order = new Map<string, Set<string>>()
  for (const entry of entries) {
    const [, type, before] = /^([\w-]+)=([\w-]+)$/.exec(entry) ?? []
    if (type === undefined || before === undefined) {
      throw new HomeportError('FLAG_INVALID', `“${entry}” is no order.`, {hint: 'Write TYPE=TYPE, for example `--after worker=web`.'})
    }
    for (const name of [type, before]) {
      if (!running.has(name)) {
        throw new HomeportError('UNKNOWN_TYPE', `--after ${entry}: no process type “${name}” is started.`, {
          hint: `Started are: ${[...running].join(', ')}.`,
        })
      }
    }
    order.set(type, (order.get(type) ?? new Set()).add(before))
  }
  for (const type of order.keys()) {
    if (reaches(order, type, type, new Set())) {
      throw new HomeportError('FLAG_INVALID', `--after goes in a circle: ${type} waits for itself.`, {hint: 'Take one of the orders out.'})
    }
  }
  return order
}

function reaches(order: StartOrder, from: string, to: string, seen: Set<string>): boolean {
  for (const before of order.get(from) ?? []) {
    if (before === to) return true
    if (seen.has(before)) continue
    seen.add(before)
    if (reaches(order, before, to, seen)) return true
  }
  return false
}
