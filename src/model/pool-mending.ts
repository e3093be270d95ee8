import type {Host} from './pool.ts'

/** What the leader does so that the pool can lose another manager: at most one thing at a time. */
export type Mending = {readonly action: 'promote' | 'forget'; readonly host: string}

/** How long a host may be down before it is taken for lost. */
export const lostMs = 60_000

/**
 * A manager that was lost is replaced by a worker, then forgotten: never so that the managers that are up would not be a majority.
 * A worker that was lost is forgotten. `downSince` tells since when a host is down, by its id.
 */
export function planMending(
  hosts: readonly Host[],
  {managers, downSince, now}: {readonly managers: number; readonly downSince: ReadonlyMap<string, number>; readonly now: number},
): Mending | undefined {
  const isLost = (host: Host) => host.state === 'down' && now - (downSince.get(host.id) ?? now) >= lostMs
  const up = hosts.filter(host => host.isManager && host.state !== 'down')
  const known = hosts.filter(host => host.isManager)
  const candidate = hosts.find(host => !host.isManager && host.state === 'ready')
  if (up.length < managers && candidate !== undefined && up.length > known.length / 2) return {action: 'promote', host: candidate.id}
  const lost = hosts.find(host => isLost(host) && (!host.isManager || up.length > (known.length - 1) / 2))
  return lost === undefined ? undefined : {action: 'forget', host: lost.id}
}
