import type {Host} from './pool.ts'
import {managerCount} from './pool-setup.ts'

/** What the leader does so that the pool can lose another manager: at most one thing at a time. */
export type Mending = {readonly action: 'promote' | 'forget'; readonly host: string}

/** How long a host may be down before it is taken for lost. */
export const lostMs = 60_000

/**
 * A manager that was lost is replaced by a worker, then forgotten: never so that the managers that are up would not be a majority.
 * A worker that was lost is forgotten. How many managers there shall be follows from the hosts that are up, so that a pool that grew
 * from one host gets its three. `downSince` tells since when a host is down, by its id.
 */
export function planMending(
  hosts: readonly Host[],
  {downSince, now}: {readonly downSince: ReadonlyMap<string, number>; readonly now: number},
): Mending | undefined {
  const isLost = (host: Host) => host.state === 'down' && now - (downSince.get(host.id) ?? now) >= lostMs
  const up = hosts.filter(host => host.isManager && host.state !== 'down')
  const managers = managerCount(hosts.filter(host => host.state === 'ready').length)
  const known = hosts.filter(host => host.isManager)
  const candidate = hosts.find(host => !host.isManager && host.state === 'ready')
  if (up.length < managers && candidate !== undefined && up.length > known.length / 2) return {action: 'promote', host: candidate.id}
  const lost = hosts.find(host => isLost(host) && (!host.isManager || up.length > (known.length - 1) / 2))
  return lost === undefined ? undefined : {action: 'forget', host: lost.id}
}
