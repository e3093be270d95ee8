import {createServer, type IncomingMessage, request, type Server, type ServerResponse} from 'node:http'
import {connect, type Socket} from 'node:net'
import {pipeline} from 'node:stream'
import {isRegistry, type RegistryNetwork} from '../../../model/registries.ts'

/**
 * The one way out of a build whose network is closed: an HTTP proxy on a unix socket, which the build reaches over a relay in its
 * network namespace. It connects to registries, by name and to the ports of the web, and answers 403 to all else.
 */
export class RegistryProxy implements AsyncDisposable {
  readonly #network: RegistryNetwork
  readonly #server: Server
  readonly #sockets = new Set<Socket>()

  private constructor(network: RegistryNetwork) {
    this.#network = network
    this.#server = createServer((incoming, response) => this.#forward(incoming, response))
    this.#server.on('connect', (incoming: IncomingMessage, client: Socket, head: Buffer) => this.#tunnel(incoming, client, head))
    this.#server.on('connection', socket => this.#keep(socket))
  }

  /** Listens on a unix socket at `path`, which must be short (100 bytes). */
  static async listen(path: string, network: RegistryNetwork): Promise<RegistryProxy> {
    const proxy = new RegistryProxy(network)
    await new Promise<void>((resolve, reject) => proxy.#server.once('error', reject).listen(path, resolve))
    return proxy
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise(resolve => this.#server.close(resolve))
    for (const socket of this.#sockets) socket.destroy()
    await closed
  }

  /** CONNECT host:443, as for https. */
  #tunnel(incoming: IncomingMessage, client: Socket, head: Buffer): void {
    const {hostname, port} = addressOf(`http://${incoming.url ?? ''}`)
    const refusal = this.#refusal(hostname, port)
    if (refusal !== undefined) {
      client.end(`HTTP/1.1 403 Forbidden\r\nContent-Type: text/plain\r\nConnection: close\r\n\r\n${refusal}\n`)
      return
    }
    const {upstreamProxy} = this.#network
    const way = addressOf(upstreamProxy ?? `http://${hostname}:${port}`)
    const remote = this.#keep(connect(Number(way.port || 80), way.hostname))
    remote.once('connect', () => {
      // The upstream proxy answers the CONNECT itself.
      if (upstreamProxy === undefined) client.write('HTTP/1.1 200 Connection established\r\n\r\n')
      else remote.write(`CONNECT ${hostname}:${port} HTTP/1.1\r\nHost: ${hostname}:${port}\r\n${credentials(way)}\r\n`)
      remote.write(head)
      pipeline(client, remote, () => undefined)
      pipeline(remote, client, () => undefined)
    })
    remote.once('error', () => client.destroy())
    client.once('error', () => remote.destroy())
  }

  /** A plain request with an absolute address, as for http. */
  #forward(incoming: IncomingMessage, response: ServerResponse): void {
    const target = addressOf(incoming.url ?? '')
    const refusal = this.#refusal(target.hostname, target.port || '80')
    if (refusal !== undefined) {
      response.writeHead(403, {'content-type': 'text/plain'}).end(`${refusal}\n`)
      return
    }
    const {upstreamProxy} = this.#network
    const way = upstreamProxy === undefined ? target : addressOf(upstreamProxy)
    const path = upstreamProxy === undefined ? `${target.pathname}${target.search}` : target.href
    const headers = {...incoming.headers, host: target.host}
    const outgoing = request({host: way.hostname, port: way.port || 80, path, method: incoming.method, headers}, answer => {
      response.writeHead(answer.statusCode ?? 502, answer.headers)
      pipeline(answer, response, () => undefined)
    })
    outgoing.once('error', () => response.headersSent || response.writeHead(502).end())
    pipeline(incoming, outgoing, () => undefined)
  }

  #refusal(host: string, port: string): string | undefined {
    if (isRegistry(host, this.#network) && (port === '443' || port === '80')) return undefined
    return `Homeport: this build reaches package registries only, and ${host}:${port} is none (--build-network all opens the rest).`
  }

  #keep(socket: Socket): Socket {
    this.#sockets.add(socket)
    socket.once('close', () => this.#sockets.delete(socket))
    return socket
  }
}

const nowhere = new URL('http://invalid.:0/')

function addressOf(text: string): URL {
  const url = URL.parse(text) ?? nowhere
  return url.protocol === 'http:' ? url : nowhere
}

function credentials({username, password}: URL): string {
  if (username === '') return ''
  const pair = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`
  return `Proxy-Authorization: Basic ${Buffer.from(pair).toString('base64')}\r\n`
}
