import {Router} from '../engines/router/router.ts'
import type {Certificates} from '../engines/router/tls-door.ts'
import type {ProcessTable} from '../lib/process-table/process-table.ts'
import type {Emit} from '../model/event.ts'
import type {Limits} from '../model/limits.ts'
import {planTlsPort} from '../model/plan-port.ts'
import type {Route} from '../model/route.ts'
import {listenNear} from './listen-near.ts'

export type RouteOptions = {
  /** 0: any free one. */
  readonly port: number
  /** Default: 127.0.0.1 and ::1. */
  readonly addresses?: readonly string[] | undefined
  readonly forwardedProto?: 'http' | 'https' | undefined
  /** HTTPS beside HTTP, from the local authority below `stateDir`. */
  readonly tls?: TlsOptions | undefined
  readonly limits: Limits
  /** Gets one `request` event for each request. */
  readonly emit: Emit
}

export type TlsOptions = {
  /** `--tls-port`. */
  readonly port?: number | undefined
  readonly stateDir: string
  readonly table: ProcessTable
  readonly warn: (text: string) => void
}

/** A router that runs; its disposal ends it. */
export type RunningRouter = AsyncDisposable & {readonly port: number; readonly tlsPort?: number}

/**
 * The router alone, in front of servers that already run (cli.md section 2, `homeport router`): the same rules, log lines and
 * limits as behind `start`. The servers of a route are its web.1, web.2 and so on. Throws PORT_TAKEN or NO_PERMISSION.
 */
export async function route(routes: readonly Route[], options: RouteOptions): Promise<RunningRouter> {
  const {port, addresses, forwardedProto, tls, limits, emit} = options
  const router = new Router({
    limits,
    emit,
    forwardedProto,
    unknownHostHint: name =>
      `To let this name lead somewhere, start the router with \`--route ${name}=ADDRESS\`; in front of an app, with \`--domain ${name}\`.`,
  })
  router.setHosts(
    routes.map(({host, servers}) => {
      const backends = router.makeBackends('web')
      for (const [index, server] of servers.entries()) backends.add({name: `web.${index + 1}`, ...server})
      return {host, to: backends}
    }),
  )
  const where = addresses === undefined ? {} : {addresses}
  try {
    const bound = await router.listen({port, ...where})
    const tlsPort =
      tls === undefined
        ? undefined
        : await listenForTls(routes, {
            tls,
            httpPort: port,
            listen: (at, certificates) => router.listenTls({port: at, certificates, ...where}),
          })
    return {port: bound.port, ...(tlsPort === undefined ? {} : {tlsPort}), [Symbol.asyncDispose]: () => router.close()}
  } catch (error) {
    await router.close()
    throw error
  }
}

type TlsListening = {
  readonly tls: TlsOptions
  readonly httpPort: number
  readonly listen: (port: number, certificates: Certificates) => Promise<{readonly port: number}>
}

async function listenForTls(routes: readonly Route[], {tls, httpPort, listen}: TlsListening): Promise<number> {
  const {openLocalCertificates} = await import('./local-certificates.ts')
  const certificates = await openLocalCertificates({...tls, domains: routes.map(({host}) => host)})
  const wanted = planTlsPort(tls.port === undefined ? {} : {flag: tls.port}, {port: httpPort, isFixed: true})
  return await listenNear(wanted, port => listen(port, certificates), {...tls, flag: '--tls-port'})
}
