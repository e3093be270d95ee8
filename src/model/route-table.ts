import type {PoolDyno} from './pool.ts'

/** One host name of an app and where its requests may go. */
export type PoolRoute = {readonly host: string; readonly app: string; readonly backends: readonly PoolBackend[]}
export type PoolBackend = {readonly dyno: string; readonly id: string; readonly address: string; readonly port: number}

export type PoolApp = {readonly app: string; readonly domains: readonly string[]}

/**
 * Who answers for which host name on an edge host: the domains of each app, and the app's own name as the first label of any
 * name. Only dynos of type web that are up and whose address is known are in it; a known port is remembered in
 * `ports` by dyno id, since an engine may forget it (after the loss of its leader, findings 9.3).
 */
export function planRoutes(apps: readonly PoolApp[], dynos: readonly PoolDyno[], ports: ReadonlyMap<string, number>): readonly PoolRoute[] {
  return apps.flatMap(({app, domains}) => {
    const backends = dynos.flatMap(dyno => {
      const port = dyno.port ?? ports.get(dyno.id)
      if (dyno.app !== app || dyno.type !== 'web' || dyno.state !== 'up' || dyno.address === undefined || port === undefined) return []
      return [{dyno: dyno.dyno, id: dyno.id, address: dyno.address, port}]
    })
    return [...new Set([app, ...domains])].map(host => ({host, app, backends}))
  })
}

/** The ports to remember for the next table: those of dynos that are still there. */
export function rememberPorts(dynos: readonly PoolDyno[], ports: ReadonlyMap<string, number>): ReadonlyMap<string, number> {
  return new Map(
    dynos.flatMap(({id, port}) => {
      const known = port ?? ports.get(id)
      return known === undefined ? [] : [[id, known] as const]
    }),
  )
}
