import {Router} from '../engines/router/router.ts'
import type {Emit} from '../model/event.ts'
import type {Limits} from '../model/limits.ts'
import type {Route} from '../model/route.ts'

export type RouteOptions = {
  /** 0: any free one. */
  readonly port: number
  /** Default: 127.0.0.1 and ::1. */
  readonly addresses?: readonly string[] | undefined
  readonly forwardedProto?: 'http' | 'https' | undefined
  readonly limits: Limits
  /** Gets one `request` event for each request. */
  readonly emit: Emit
}

/** A router that runs; its disposal ends it. */
export type RunningRouter = AsyncDisposable & {readonly port: number}

/**
 * The router alone, in front of servers that already run (cli.md section 2, `homeport router`): the same rules, log lines and
 * limits as behind `start`. The servers of a route are its web.1, web.2 and so on. Throws PORT_TAKEN or NO_PERMISSION.
 */
export async function route(routes: readonly Route[], options: RouteOptions): Promise<RunningRouter> {
  const {port, addresses, forwardedProto, limits, emit} = options
  const router = new Router({
    limits,
    emit,
    forwardedProto,
    unknownHostHint: 'To let this name lead somewhere, start the router with `--route HOST=ADDRESS`; in front of an app, with `--domain`.',
  })
  router.setHosts(
    routes.map(({host, servers}) => {
      const backends = router.makeBackends('web')
      for (const [index, server] of servers.entries()) backends.add({name: `web.${index + 1}`, ...server})
      return {host, to: backends}
    }),
  )
  const bound = await router.listen({port, ...(addresses === undefined ? {} : {addresses})})
  return {port: bound.port, [Symbol.asyncDispose]: () => router.close()}
}
