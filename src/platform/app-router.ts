import {realpathSync} from 'node:fs'
import type {Backends} from '../engines/router/backends.ts'
import {Router} from '../engines/router/router.ts'
import type {ProcessTable} from '../lib/process-table/process-table.ts'
import type {App} from '../model/app.ts'
import {planHosts} from '../model/app-hosts.ts'
import type {Emit} from '../model/event.ts'
import type {Limits} from '../model/limits.ts'
import {planPort, planTlsPort} from '../model/plan-port.ts'
import type {StartOptions} from '../model/start-options.ts'
import type {Route} from './dyno-slot.ts'
import {type ListenNearOptions, listenNear} from './listen-near.ts'

export type AppRouterOptions = {
  readonly options: Pick<StartOptions, 'addresses' | 'domains' | 'forwardedProto' | 'hasRouter' | 'port' | 'tls'>
  /** Where the local certificate authority lives, for `--tls`. */
  readonly stateDir: string
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
  /** The same by HTTPS, with `--tls`. */
  readonly httpsUrl?: string
  /** Type -> address at which its dynos are reached; empty with `--no-router`. */
  readonly urls: ReadonlyMap<string, string>
  route(type: string, dyno: string, address: {readonly host: string; readonly port: number}): Route
  setState(type: string, state: TypeState, notice: string | undefined): void
  setMaintenance(on: boolean): void
  setAffinity(on: boolean): void
  [Symbol.asyncDispose](): Promise<void>
}

/** Opens the router for an app: its port by cli.md section 2, and one loopback port for each type but web. */
export async function openAppRouter(app: App, {options, stateDir, limits, emit, table, warn}: AppRouterOptions): Promise<AppRouter> {
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
    const port = await listenNear(planPort(options.port), at => router.listen({port: at, ...addressesOf(options)}), {
      flag: '-p',
      table,
      warn,
    })
    const tlsPort = await listenForTls(router, {root: app.root, options, stateDir, table, warn})
    const urls = new Map([['web', `http://127.0.0.1:${port}`]])
    for (const type of app.types.keys()) {
      if (type === 'web' || type === 'release') continue
      const bound = await router.listen({port: 0, addresses: ['127.0.0.1'], backends: backendsOf(type)})
      urls.set(type, `http://127.0.0.1:${bound.port}`)
    }
    return {
      url: `http://localhost:${port}`,
      ...(tlsPort === undefined ? {} : {httpsUrl: `https://localhost:${tlsPort}`}),
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

type TlsWishes = {readonly root: string} & Pick<AppRouterOptions, 'options' | 'stateDir'> & Omit<ListenNearOptions, 'flag'>

async function listenForTls(router: Router, {root, options, stateDir, table, warn}: TlsWishes): Promise<number | undefined> {
  const {tls, port, domains} = options
  if (tls === undefined) return undefined
  const {openLocalCertificates} = await import('./local-certificates.ts')
  const certificates = await openLocalCertificates({stateDir, domains, warn})
  // What lies in the app's folder no sandbox hides from its dynos.
  if (`${realpathSync(stateDir)}/`.startsWith(`${root}/`))
    warn(`The key of --tls lies in the app's folder, where every dyno can read it. Choose another HOMEPORT_HOME.`)
  const listen = (at: number) => router.listenTls({port: at, certificates, ...addressesOf(options)})
  return await listenNear(planTlsPort(tls, planPort(port)), listen, {flag: '--tls-port', table, warn})
}

function addressesOf({addresses}: Pick<StartOptions, 'addresses'>): {readonly addresses?: readonly string[]} {
  return addresses.length === 0 ? {} : {addresses}
}
