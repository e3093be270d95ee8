import type {Socket} from 'node:net'
import {createServer, type SecureContext, type Server, type TLSSocket} from 'node:tls'

/** What a TLS server needs to speak for one host: PEM texts, and what OpenSSL made of them. */
export type Credentials = {readonly cert: string; readonly key: string; readonly context: SecureContext}

/** Who makes certificates. Undefined: there is none for this host. */
export type Certificates = {credentialsFor(host: string): Promise<Credentials | undefined>}

export type TlsDoorOptions = {
  readonly certificates: Certificates
  /** How long a client may take to shake hands. */
  readonly handshakeMs: number
  isRouted(host: string): boolean
  onSecure(socket: TLSSocket): void
}

/** The host whose certificate a client gets that names none, since it knows an address alone. */
const unnamedHost = 'localhost'
/** Certificates of a host are asked for anew at each handshake; that of clients who name none is kept this long. */
const renewedEveryMs = 12 * 3_600_000

/**
 * Shakes hands with clients that come in by TCP: TLS 1.2 and 1.3, HTTP/1 or 2, and a certificate for the host that they name. When that
 * is not routed none is made: they get the one of `localhost`, as those do who name none. Who goes on in spite of the warning that
 * follows finds the page for an unknown host.
 */
export class TlsDoor {
  readonly #options: TlsDoorOptions
  /** Listens nowhere itself: connections are handed to it. */
  readonly #server: Server
  readonly #shaking = new Map<string, Socket>()
  #renewAtMs = 0

  constructor(options: TlsDoorOptions) {
    this.#options = options
    this.#server = createServer({
      ALPNProtocols: ['h2', 'http/1.1', 'http/1.0'],
      handshakeTimeout: options.handshakeMs,
      minVersion: 'TLSv1.2',
      SNICallback: (host, done) => {
        // Undefined is the certificate for clients that name no host.
        this.#contextFor(host).then(context => done(null, context), done)
      },
    })
    this.#server.on('secureConnection', socket => {
      this.#shaking.delete(peerOf(socket))
      options.onSecure(socket)
    })
    this.#server.on('tlsClientError', (_error, socket) => socket.destroy())
  }

  /** Must be called before the first `accept`: makes the certificate for clients that name no host. */
  async prepare(): Promise<void> {
    const credentials = await this.#options.certificates.credentialsFor(unnamedHost)
    if (credentials === undefined) return
    this.#server.setSecureContext({cert: credentials.cert, key: credentials.key, minVersion: 'TLSv1.2'})
    this.#renewAtMs = Date.now() + renewedEveryMs
  }

  /** Takes a client's TCP connection. */
  accept(socket: Socket): void {
    const peer = peerOf(socket)
    this.#shaking.set(peer, socket)
    socket.on('error', ignore)
    socket.once('close', () => {
      if (this.#shaking.get(peer) === socket) this.#shaking.delete(peer)
    })
    if (this.#renewAtMs <= Date.now()) {
      this.#renewAtMs = Date.now() + renewedEveryMs
      this.prepare().catch(ignore)
    }
    this.#server.emit('connection', socket)
  }

  /** Cuts those that have not come in yet. */
  close(): void {
    for (const socket of this.#shaking.values()) socket.destroy()
  }

  async #contextFor(host: string): Promise<SecureContext | undefined> {
    const name = host.toLowerCase()
    return this.#options.isRouted(name) ? (await this.#options.certificates.credentialsFor(name))?.context : undefined
  }
}

function peerOf({remoteAddress, remotePort}: Socket): string {
  return `${remoteAddress} ${remotePort}`
}

function ignore(): void {
  // What matters follows as 'close'; a certificate that could not be renewed is still good for a while.
}
