import type {Backends} from '../engines/router/backends.ts'
import {Router} from '../engines/router/router.ts'
import {whoHolds} from '../lib/free-port.ts'
import type {ProcessTable} from '../lib/process-table/process-table.ts'
import type {App} from '../model/app.ts'
import {planHosts} from '../model/app-hosts.ts'
import {HomeportError} from '../model/error.ts'
import type {Emit} from '../model/event.ts'
import type {Limits} from '../model/limits.ts'
import {planPort} from '../model/plan-port.ts'
import type {StartOptions} from '../model/start-options.ts'
import type {Route} from './dyno-slot.ts'

export type AppRouterOptions = {
  readonly options: Pick<StartOptions, 'addresses' | 'domains' | 'forwardedProto' | 'hasRouter' | 'port'>
  readonly limits: Limits
  readonly emit: Emit
  readonly table: ProcessTable
  readonly warn: (text: string) => void
}

/** What the router meets when no dyno of a type is up. */
export type TypeState = 'starting' | 'crashed' | 'none'

/** The router of one app: a name for web, a name and a loopback port for each other type. */
export type AppRouter = {
  /** Address of web; absent with `--no-router`. */
  readonly url?: string
  /** Type -> address at which its dynos are reached; empty with `--no-router`. */
  readonly urls: ReadonlyMap<string, string>
  route(type: string, dyno: string, address: {readonly host: string; readonly port: number}): Route
  setState(type: string, state: TypeState, notice: string | undefined): void
  setMaintenance(on: boolean): void
  setAffinity(on: boolean): void
  [Symbol.asyncDispose](): Promise<void>
}

/** How many ports are tried after a taken one before any free one does. */
const nextPorts = 20

/** Opens the router for an app: its port by cli.md section 2, and one loopback port for each type but web. */
export async function openAppRouter(app: App, {options, limits, emit, table, warn}: AppRouterOptions): Promise<AppRouter> {
  if (!options.hasRouter) return noRouter
  const {hosts, warnings} = planHosts(app.name, app.types.keys(), options.domains)
  for (const warning of warnings) warn(warning)
  const router = new Router({limits, emit, forwardedProto: options.forwardedProto})
  const backends = new Map<string, Backends>()
  const backendsOf = (type: string) => {
    const known = backends.get(type) ?? router.makeBackends(type)
    backends.set(type, known)
    return known
  }
  const web = backendsOf('web')
  web.errorPageUrl = app.configVars.get('ERROR_PAGE_URL')?.value
  web.maintenancePageUrl = app.configVars.get('MAINTENANCE_PAGE_URL')?.value
  if (!app.types.has('web')) web.setEmptyState('none')
  router.setHosts(hosts.map(({host, type}) => ({host, to: backendsOf(type)})))
  try {
    const port = await listenForWeb(router, {options, table, warn})
    const urls = new Map([['web', `http://127.0.0.1:${port}`]])
    for (const type of app.types.keys()) {
      if (type === 'web' || type === 'release') continue
      const bound = await router.listen({port: 0, addresses: ['127.0.0.1'], backends: backendsOf(type)})
      urls.set(type, `http://127.0.0.1:${bound.port}`)
    }
    return {
      url: `http://localhost:${port}`,
      urls,
      route(type, dyno, {host, port: dynoPort}) {
        const group = backendsOf(type)
        const backend = group.add({name: dyno, host, port: dynoPort})
        return {remove: () => group.remove(backend)}
      },
      setState(type, state, notice) {
        backendsOf(type).setEmptyState(state)
        backendsOf(type).setNotice(notice)
      },
      setMaintenance(on) {
        for (const group of backends.values()) group.isInMaintenance = on
      },
      setAffinity: on => web.setFeature('http-session-affinity', on),
      [Symbol.asyncDispose]: () => router.close(),
    }
  } catch (error) {
    await router.close()
    throw error
  }
}

const noRouter: AppRouter = {
  urls: new Map(),
  route: () => ({remove() {}}),
  setState() {},
  setMaintenance() {},
  setAffinity() {},
  async [Symbol.asyncDispose]() {},
}

type WebPort = Pick<AppRouterOptions, 'options' | 'table' | 'warn'>

/** A port that the user typed is his; any other one moves on when it is taken. */
async function listenForWeb(router: Router, {options, table, warn}: WebPort): Promise<number> {
  const {port: wanted, isFixed} = planPort(options.port)
  const addresses = options.addresses.length === 0 ? undefined : options.addresses
  for (let port = wanted; ; port = port - wanted < nextPorts && port < 65_535 ? port + 1 : 0) {
    try {
      const bound = await router.listen({port, ...(addresses === undefined ? {} : {addresses})})
      if (wanted !== 0 && bound.port !== wanted)
        warn(`Port ${wanted} is taken${await byWhom(wanted, table)}; the router listens on ${bound.port}.`)
      return bound.port
    } catch (error) {
      const isTaken = error instanceof HomeportError && error.code === 'PORT_TAKEN'
      if (!isTaken || port === 0) throw error
      if (isFixed) throw portTaken(port, await byWhom(port, table), error)
    }
  }
}

function portTaken(port: number, holder: string, cause: unknown): HomeportError {
  return new HomeportError('PORT_TAKEN', `Port ${port} is taken${holder}.`, {
    hint: 'Give another one with -p, or -p 0 for any free one.',
    cause,
  })
}

async function byWhom(port: number, table: ProcessTable): Promise<string> {
  const holder = await whoHolds(port, table)
  if (holder?.pid === undefined) return ''
  return holder.program === undefined ? ` by process ${holder.pid}` : ` by ${holder.program} (pid ${holder.pid})`
}
