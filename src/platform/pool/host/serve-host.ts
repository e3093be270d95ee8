import {readFileSync, writeFileSync} from 'node:fs'
import {setTimeout as wait} from 'node:timers/promises'
import type {PoolEngine} from '../../../engines/pool/engine.ts'
import type {HostDocker} from '../../../engines/pool/swarm/host-docker.ts'
import type {Backend} from '../../../engines/router/backend.ts'
import type {Backends, EmptyState} from '../../../engines/router/backends.ts'
import {Router} from '../../../engines/router/router.ts'
import type {Parameters} from '../../../lib/parameters.ts'
import type {Emit} from '../../../model/event.ts'
import type {Limits} from '../../../model/limits.ts'
import type {PoolDyno} from '../../../model/pool.ts'
import {planMending} from '../../../model/pool-mending.ts'
import {type PoolRoute, planRoutes, rememberPorts} from '../../../model/route-table.ts'
import {writeJoinSecret} from './join-host.ts'

export type ServeOptions = {
  readonly engine: PoolEngine
  readonly docker: HostDocker
  readonly parameters: Parameters
  /** Where known ports of dynos outlive this process. */
  readonly portsFile: string
  readonly port: number
  readonly addresses?: readonly string[]
  readonly limits: Limits
  readonly emit: Emit
  readonly signal: AbortSignal
}

/** A dyno that cannot be reached gets no request for a while; in one network an answer to a connection takes no second. */
const poolLimits = {connectMs: 1_000, quarantineMs: 2_000} as const
const mendEveryMs = 5_000

/**
 * The router of an edge host, fed by what the engine says, until `signal`: the same rules, codes and log line as on the laptop. On
 * the leader's host it also keeps the managers complete and tells new hosts where to come in.
 */
export async function serveHost(options: ServeOptions): Promise<void> {
  const {engine, limits, emit, port, addresses, signal} = options
  await using router = new Router({
    limits: {...limits, ...poolLimits},
    emit,
    unknownHostHint: name => `To let this name lead to an app of the pool: \`homeport domains:add ${name} --target ec2 -a APP\`.`,
  })
  const table = new LiveRoutes(router)
  await router.listen({port, ...(addresses === undefined ? {} : {addresses})})
  const mending = mendAgainAndAgain(options)
  let ports = readPorts(options.portsFile)
  while (!signal.aborted) {
    try {
      for await (const _ of engine.changes({signal})) {
        const [groups, dynos] = await Promise.all([engine.groups(), engine.dynos()])
        ports = keepPorts(options.portsFile, ports, dynos)
        const apps = groups.filter(group => group.type === 'web').map(({app, domains}) => ({app, domains}))
        table.update(planRoutes(apps, dynos, ports), dynos)
      }
    } catch {
      // The engine does not answer now: what is known is routed on.
      await wait(500, undefined, {signal}).catch(() => {})
    }
  }
  await mending
}

/** Carries a route table over into a router, without touching what stays. */
class LiveRoutes {
  readonly #router: Router
  readonly #apps = new Map<string, {readonly backends: Backends; readonly dynos: Map<string, Backend>}>()

  constructor(router: Router) {
    this.#router = router
  }

  update(routes: readonly PoolRoute[], dynos: readonly PoolDyno[]): void {
    for (const route of routes) this.#updateApp(route, dynos)
    this.#router.setHosts(
      routes.flatMap(({host, app}) => {
        const backends = this.#apps.get(app)?.backends
        return backends === undefined ? [] : [{host, to: backends}]
      }),
    )
  }

  #updateApp({app, backends: wanted}: PoolRoute, dynos: readonly PoolDyno[]): void {
    const found = this.#apps.get(app) ?? {backends: this.#router.makeBackends('web'), dynos: new Map<string, Backend>()}
    this.#apps.set(app, found)
    found.backends.setEmptyState(emptyStateOf(app, dynos))
    for (const [id, backend] of found.dynos) {
      if (wanted.some(dyno => dyno.id === id)) continue
      found.backends.remove(backend)
      found.dynos.delete(id)
    }
    for (const {id, dyno, address, port} of wanted) {
      if (!found.dynos.has(id)) found.dynos.set(id, found.backends.add({name: dyno, host: address, port}))
    }
  }
}

/** What a request meets while no dyno of an app is up. */
function emptyStateOf(app: string, dynos: readonly PoolDyno[]): EmptyState {
  const own = dynos.filter(dyno => dyno.app === app && dyno.type === 'web')
  if (own.some(dyno => dyno.state === 'starting' || dyno.state === 'up')) return 'starting'
  return own.some(dyno => dyno.state === 'crashed') ? 'crashed' : 'none'
}

function readPorts(file: string): ReadonlyMap<string, number> {
  try {
    return new Map(JSON.parse(readFileSync(file, 'utf8')) as [string, number][])
  } catch {
    return new Map()
  }
}

function keepPorts(file: string, before: ReadonlyMap<string, number>, dynos: readonly PoolDyno[]): ReadonlyMap<string, number> {
  const ports = rememberPorts(dynos, before)
  const text = JSON.stringify([...ports])
  if (text !== JSON.stringify([...before])) writeFileSync(file, text, {mode: 0o600})
  return ports
}

async function mendAgainAndAgain({engine, docker, parameters, signal}: ServeOptions): Promise<void> {
  const downSince = new Map<string, number>()
  let told = ''
  while (!signal.aborted) {
    await wait(mendEveryMs, undefined, {signal}).catch(() => {})
    try {
      if (signal.aborted || !(await docker.membership()).isLeader) continue
      const hosts = await engine.hosts()
      for (const {id, state} of hosts) {
        if (state !== 'down') downSince.delete(id)
        else if (!downSince.has(id)) downSince.set(id, Date.now())
      }
      const mending = planMending(hosts, {downSince, now: Date.now()})
      if (mending?.action === 'promote') await engine.promote(mending.host)
      if (mending?.action === 'forget') await engine.forgetHost(mending.host)
      const addresses = hosts.filter(host => host.isManager && host.state !== 'down').map(host => host.address)
      if (addresses.join() !== told) await writeJoinSecret({docker, parameters, addresses})
      told = addresses.join()
    } catch {
      // Tried again at the next turn.
    }
  }
}
