import type {Server, Socket} from 'node:net'
import type {TLSSocket} from 'node:tls'
import type {Emit} from '../../model/event.ts'
import type {Limits} from '../../model/limits.ts'
import {type RouterLimits, routerLimits} from '../../model/router-limits.ts'
import {Backends} from './backends.ts'
import {ClientConnection, type Door} from './client-connection.ts'
import type {RouterContext} from './context.ts'
import {type HostRoute, HostTable, isLoopbackHost, normalHost} from './host-table.ts'
import {bindAll} from './listener.ts'
import {renderUnknownHostPage} from './pages.ts'
import {ReadBuffers} from './read-buffers.ts'
import {RequestIds} from './request-id.ts'
import {Sweep} from './sweep.ts'
import type {Certificates, TlsDoor} from './tls-door.ts'

export type RouterOptions = {
  /** The times of the platform, scaled. */
  readonly limits: Limits
  /** Gets one `request` event for each request, at its end. Its `line` is rendered when read. */
  readonly emit: Emit
  /** What dynos are told of the client's connection; default: what it is. `https` goes with port 443, `http` with 80. */
  readonly forwardedProto?: 'http' | 'https' | undefined
  /** What the page for an unknown host says to do; gets the host without its port. */
  readonly unknownHostHint?: (name: string) => string
  readonly sizes?: RouterLimits
  readonly random?: () => number
}

export type ListenOptions = {
  /** 0: any free one. */
  readonly port: number
  readonly addresses?: readonly string[]
  /** All requests that come in here go to these dynos, whatever their Host. */
  readonly backends?: Backends
}

export type ListenTlsOptions = Omit<ListenOptions, 'backends'> & {readonly certificates: Certificates}

/** A client that is connected: by HTTP/1 or one request of HTTP/2, or a connection of HTTP/2 as a whole. */
type RouterClient = {leave(): void; force(): void}

const loopbackAddresses = ['127.0.0.1', '::1']
const forcedAfterMs = 2000

/**
 * The platform's HTTP router (platform.md b) on raw sockets: one process, HTTP/1.0 and 1.1; by TLS also HTTP/2. The one who starts dynos makes a
 * `Backends` for each process type, keeps it up to date, and says by `setHosts` which names lead to it.
 */
export class Router {
  readonly #options: RouterOptions
  readonly #context: RouterContext
  readonly #servers = new Set<Server>()
  readonly #clients = new Set<RouterClient>()
  readonly #tlsDoors: TlsDoor[] = []
  readonly #backends: Backends[] = []
  #routes: readonly HostRoute<Backends>[] = []
  #hosts = new HostTable<Backends>([])
  #isClosing = false
  #onIdle: (() => void) | undefined

  constructor(options: RouterOptions) {
    const {limits, emit, sizes = routerLimits, random = Math.random} = options
    this.#options = options
    this.#context = {
      limits,
      sizes,
      emit,
      sweep: new Sweep(Math.min(limits.connectMs, limits.quarantineMs)),
      buffers: new ReadBuffers(),
      ids: new RequestIds(),
      unfinishedHeads: {bytes: 0},
      random,
    }
  }

  /** The dynos of one process type; routed to by `setHosts` or a listener of their own. */
  makeBackends(type: string): Backends {
    const backends = new Backends(type, this.#context)
    this.#backends.push(backends)
    return backends
  }

  /** Which host leads where, from now on; requests under way keep their way. */
  setHosts(routes: readonly HostRoute<Backends>[]): void {
    this.#routes = routes
    this.#hosts = new HostTable(routes)
  }

  /** Opens a port; may be called again for further ones. Throws PORT_TAKEN or NO_PERMISSION. */
  async listen({port, addresses = loopbackAddresses, backends}: ListenOptions): Promise<{port: number}> {
    let door: Door | undefined
    const bound = await bindAll(port, addresses, socket => {
      door ??= this.#door(socket.localPort ?? port, backends)
      this.#accept(socket, door)
    })
    for (const server of bound.servers) this.#servers.add(server)
    return {port: bound.port}
  }

  /** Opens a port for HTTPS, with the same names as all others. Throws as `listen`. */
  async listenTls({port, addresses = loopbackAddresses, certificates}: ListenTlsOptions): Promise<{port: number}> {
    // What TLS and HTTP/2 need is loaded for those who want it.
    const [{TlsDoor}, {Http2Session}] = await Promise.all([import('./tls-door.ts'), import('./http2/http2-session.ts')])
    const isExcess = () => this.#isExcess
    const tlsDoor = new TlsDoor({
      certificates,
      handshakeMs: this.#context.limits.idleClientMs,
      isRouted: host => this.#hosts.find(host) !== undefined,
      onSecure: socket => {
        const door = this.#secureDoor(socket)
        if (socket.alpnProtocol !== 'h2') {
          this.#accept(socket, door)
          return
        }
        const onClosed = (session: RouterClient) => this.#forget(session)
        this.#clients.add(new Http2Session(socket, {door, isExcess, onClient: client => this.#clients.add(client), onClosed}))
      },
    })
    await tlsDoor.prepare()
    const bound = await bindAll(port, addresses, socket => tlsDoor.accept(socket))
    for (const server of bound.servers) this.#servers.add(server)
    this.#tlsDoors.push(tlsDoor)
    return {port: bound.port}
  }

  #secureDoor(socket: TLSSocket): Door {
    const {servername: name} = socket
    return this.#door(socket.localPort ?? 443, undefined, {
      version: socket.getProtocol()?.toLowerCase().replace('v', '') ?? 'unknown',
      serverName: typeof name === 'string' && name !== '' ? normalHost(name) : undefined,
    })
  }

  #door(port: number, backends: Backends | undefined, tls?: {readonly version: string; readonly serverName: string | undefined}): Door {
    const protocol = tls === undefined ? 'http' : 'https'
    const proto = this.#options.forwardedProto
    const forwardedPort = proto === undefined ? port : proto === 'https' ? 443 : 80
    const router = this
    return {
      context: this.#context,
      protocol,
      tlsVersion: tls?.version,
      serverName: tls?.serverName,
      doorLines: `X-Forwarded-Proto: ${proto ?? protocol}\r\nX-Forwarded-Port: ${forwardedPort}\r\n`,
      get isClosing() {
        return router.#isClosing
      },
      find: host => backends ?? this.#hosts.find(host),
      renderUnknownHost: host => this.#renderUnknownHost(host, `${protocol}:`, port),
      forget: connection => this.#forget(connection),
    }
  }

  #accept(socket: Socket, door: Door): void {
    this.#clients.add(new ClientConnection(socket, door, this.#isExcess))
  }

  get #isExcess(): boolean {
    return this.#clients.size >= this.#context.sizes.clientConnections
  }

  #forget(client: RouterClient): void {
    this.#clients.delete(client)
    if (this.#clients.size === 0) this.#onIdle?.()
  }

  #renderUnknownHost(host: string, scheme: string, port: number): string {
    const names = this.#routes.map(route => route.host).filter(name => /^[^*<]/.test(name))
    const name = normalHost(host)
    const hint = this.#options.unknownHostHint?.(name) ?? `To let this name lead to the app: \`homeport start --domain ${name}\`.`
    return renderUnknownHostPage(name, hint, isLoopbackHost(host) ? names.map(name => `${scheme}//${name}:${port}/`) : [])
  }

  /** Takes no further connection; requests under way have `drainMs` to end, then they are cut (H24). */
  async close({drainMs = forcedAfterMs}: {readonly drainMs?: number} = {}): Promise<void> {
    this.#isClosing = true
    const closed = [...this.#servers].map(server => new Promise(resolve => server.close(resolve)))
    for (const door of this.#tlsDoors) door.close()
    for (const client of this.#clients) client.leave()
    const idle = new Promise<void>(resolve => {
      this.#onIdle = resolve
    })
    if (this.#clients.size > 0) {
      const timer = setTimeout(() => {
        for (const client of this.#clients) client.force()
      }, drainMs)
      await idle
      clearTimeout(timer)
    }
    for (const backends of this.#backends) backends.dropKept()
    await Promise.all(closed)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }
}
