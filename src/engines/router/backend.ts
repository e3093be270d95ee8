import type {Choosable} from './balance.ts'
import type {RouterContext} from './context.ts'
import {type ConnectionKeeper, DynoConnection, type DynoListener} from './dyno-connection.ts'

/** Where a dyno listens. The host `localhost` means 127.0.0.1 or ::1, whichever answers. */
export type BackendAddress = {readonly name: string; readonly host: string; readonly port: number}

const loopbackHosts = ['127.0.0.1', '::1']

/** One dyno that requests may be sent to, with the connections to it that are kept. */
export class Backend implements Choosable, ConnectionKeeper {
  readonly name: string
  readonly port: number
  #token: string | undefined
  quarantinedUntil = 0
  readonly #context: RouterContext
  readonly #hosts: readonly string[]
  #host = 0
  readonly #kept: DynoConnection[] = []
  #isRemoved = false

  constructor({name, host, port}: BackendAddress, context: RouterContext) {
    this.name = name
    this.port = port
    this.#hosts = host === 'localhost' ? loopbackHosts : [host]
    this.#context = context
  }

  /** What the affinity cookie calls this very dyno; made when it is asked for, since that loads cryptography. */
  get token(): string {
    this.#token ??= process.getBuiltinModule('node:crypto').randomBytes(16).toString('hex')
    return this.#token
  }

  /** The connection that was used last: the others may grow old and go. */
  takeKept(listener: DynoListener): DynoConnection | undefined {
    for (;;) {
      const connection = this.#kept.pop()
      if (connection === undefined) return undefined
      if (connection.isDead) continue
      connection.use(listener)
      return connection
    }
  }

  connect(listener: DynoListener, connectMs: number): DynoConnection {
    const host = this.#hosts[this.#host] ?? 'localhost'
    return new DynoConnection({host, port: this.port}, {context: this.#context, keeper: this, listener, connectMs})
  }

  /** Takes the other loopback address from now on; false when there is none left to try since `firstHost`. */
  tryNextHost(firstHost: number): boolean {
    this.#host = (this.#host + 1) % this.#hosts.length
    return this.#host !== firstHost
  }

  get host(): number {
    return this.#host
  }

  /** Keeps a connection for the next request, unless the dyno is leaving; `idleMs`: at most so long. */
  keep(connection: DynoConnection, idleMs: number): void {
    if (this.#isRemoved || this.#kept.length >= this.#context.sizes.keptConnections) {
      connection.drop()
      return
    }
    connection.rest(idleMs)
    this.#kept.push(connection)
  }

  forget(connection: DynoConnection): void {
    const index = this.#kept.indexOf(connection)
    if (index >= 0) this.#kept.splice(index, 1)
  }

  quarantine(now: number): void {
    this.quarantinedUntil = now + this.#context.limits.quarantineMs
  }

  /** The dyno leaves: no new request, kept connections close; requests under way go on. */
  remove(): void {
    this.#isRemoved = true
    this.dropKept()
  }

  dropKept(): void {
    for (const connection of this.#kept.splice(0)) connection.drop()
  }
}
