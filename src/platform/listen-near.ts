import {whoHolds} from '../lib/free-port.ts'
import type {ProcessTable} from '../lib/process-table/process-table.ts'
import {HomeportError} from '../model/error.ts'
import type {RouterPort} from '../model/plan-port.ts'

export type ListenNearOptions = {
  /** The flag that names another port. */
  readonly flag: '-p' | '--tls-port'
  readonly table: ProcessTable
  readonly warn: (text: string) => void
}

/** How many ports are tried after a taken one before any free one does. */
const nextPorts = 20

/**
 * Listens on a port: one that the user typed is his, with any other one it moves on when it is taken, and says so. Gives the port.
 * Rejects with PORT_TAKEN, which names who holds it, and with what `listen` rejects with.
 */
export async function listenNear(
  {port: wanted, isFixed}: RouterPort,
  listen: (port: number) => Promise<{readonly port: number}>,
  {flag, table, warn}: ListenNearOptions,
): Promise<number> {
  for (let port = wanted; ; port = port - wanted < nextPorts && port < 65_535 ? port + 1 : 0) {
    try {
      const bound = await listen(port)
      if (wanted !== 0 && bound.port !== wanted)
        warn(`Port ${wanted} is taken${await byWhom(wanted, table)}; the router listens on ${bound.port}.`)
      return bound.port
    } catch (error) {
      const isTaken = error instanceof HomeportError && error.code === 'PORT_TAKEN'
      if (!isTaken || port === 0) throw error
      if (isFixed) throw portTaken(port, await byWhom(port, table), {flag, cause: error})
    }
  }
}

function portTaken(port: number, holder: string, {flag, cause}: {readonly flag: string; readonly cause: unknown}): HomeportError {
  return new HomeportError('PORT_TAKEN', `Port ${port} is taken${holder}.`, {
    hint: `Give another one with ${flag}, or ${flag} 0 for any free one.`,
    cause,
  })
}

async function byWhom(port: number, table: ProcessTable): Promise<string> {
  const holder = await whoHolds(port, table)
  if (holder?.pid === undefined) return ''
  return holder.program === undefined ? ` by process ${holder.pid}` : ` by ${holder.program} (pid ${holder.pid})`
}
