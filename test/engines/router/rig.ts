import {type AddressInfo, createServer, type Server, type Socket} from 'node:net'
import {setImmediate} from 'node:timers/promises'
import {test as base, expect} from 'vitest'
import type {Backends} from '../../../src/engines/router/backends.ts'
import {Router, type RouterOptions} from '../../../src/engines/router/router.ts'
import type {PlatformEvent, RequestEvent} from '../../../src/model/event.ts'
import {type Limits, platformLimits} from '../../../src/model/limits.ts'
import {type RouterLimits, routerLimits} from '../../../src/model/router-limits.ts'
import {connectPeer, Peer} from './peer.ts'

/** A server that does exactly what the test says, byte by byte. */
export class Dyno {
  readonly port: number
  readonly peers: Peer[] = []
  readonly #server: Server
  readonly #waiting: ((peer: Peer) => void)[] = []
  #taken = 0

  private constructor(server: Server) {
    this.#server = server
    this.port = (server.address() as AddressInfo).port
    server.on('connection', socket => this.#onConnection(socket))
  }

  static async listen(host = '127.0.0.1', port = 0): Promise<Dyno> {
    const server = createServer({noDelay: true})
    await new Promise((resolve, reject) => {
      server.once('error', reject)
      server.listen(port, host, () => resolve(undefined))
    })
    return new Dyno(server)
  }

  #onConnection(socket: Socket): void {
    const peer = new Peer(socket)
    this.peers.push(peer)
    const waiting = this.#waiting.shift()
    if (waiting === undefined) return
    this.#taken++
    waiting(peer)
  }

  /** The next connection of the router's. */
  accept(): Promise<Peer> {
    const peer = this.peers[this.#taken]
    if (peer !== undefined) {
      this.#taken++
      return Promise.resolve(peer)
    }
    return new Promise(resolve => this.#waiting.push(resolve))
  }

  /**
   * Answers every request on every connection; of a request it waits for the head and a body by its Content-Length. `pieceBytes`:
   * the answer leaves in pieces of that size, each in a turn of its own.
   */
  answers(answer: string | ((head: string, body: string) => string), {pieceBytes = Number.POSITIVE_INFINITY} = {}): this {
    const serve = (peer: Peer) => {
      peer.socket.on('data', () => {
        for (;;) {
          const headEnd = peer.text.indexOf('\r\n\r\n')
          if (headEnd < 0) return
          const head = peer.text.slice(0, headEnd)
          const end = headEnd + 4 + Number(/\r\ncontent-length: *(\d+)/i.exec(head)?.[1] ?? 0)
          if (peer.text.length < end) return
          const body = peer.text.slice(headEnd + 4, end)
          peer.text = peer.text.slice(end)
          void sendPieces(peer, typeof answer === 'string' ? answer : answer(head, body), pieceBytes)
        }
      })
    }
    for (const peer of this.peers) serve(peer)
    this.#server.on('connection', () => {
      const peer = this.peers.at(-1)
      if (peer !== undefined) serve(peer)
    })
    return this
  }

  /** Nobody listens on its port any more, and all connections are gone. */
  async close(): Promise<void> {
    for (const peer of this.peers) peer.close()
    await new Promise(resolve => this.#server.close(resolve))
  }
}

async function sendPieces(peer: Peer, text: string, pieceBytes: number): Promise<void> {
  peer.send(text.slice(0, pieceBytes))
  for (let at = pieceBytes; at < text.length; at += pieceBytes) {
    await setImmediate()
    peer.send(text.slice(at, at + pieceBytes))
  }
}

export type RigOptions = Omit<Partial<RouterOptions>, 'limits' | 'sizes' | 'emit'> & {
  readonly limits?: Partial<Limits>
  readonly sizes?: Partial<RouterLimits>
  /** How many dynos are up; 1 when not said. */
  readonly dynos?: number
  readonly addresses?: readonly string[]
}

/** A router with dynos behind it, in this very process, and all that it told. */
export type Rig = {
  readonly router: Router
  readonly web: Backends
  readonly port: number
  readonly dynos: readonly Dyno[]
  readonly dyno: Dyno
  readonly events: RequestEvent[]
  connect(host?: string): Promise<Peer>
  /** Sends a request on a connection of its own and gives what comes until the connection closes; the request should ask for that. */
  ask(request: string): Promise<string>
  /** A client that sent its request, and the dyno's end of it, which got the head. */
  pass(request: string): Promise<{client: Peer; dyno: Peer}>
  /** Lets everything that is under way on loopback arrive: a round trip through the router on a connection of its own. */
  settle(): Promise<void>
  /** The only event so far; waits for it. */
  event(): Promise<RequestEvent>
  line(): Promise<string>
}

export const host = 'Host: app.localhost\r\n'
export const get = `GET / HTTP/1.1\r\n${host}\r\n`
export const ok = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'

/** Every router line has this form (platform.md k.6). */
export const linePattern =
  /^(sock=(client|backend) )?at=(info|error|warning)( code=H\d+ desc="[^"]+")?( cause="[^"]+")? method=\S* path="?[^" ]*"? host=\S* (request_id=\S+ )?fwd="?[^" ]*"? dyno=\S* connect=\S* service=\S* status=\d* bytes=\d*( protocol=\S+)?( tls=\S+)?( tls_version=\S+)?$/

export const test = base.extend<{makeRig: (options?: RigOptions) => Promise<Rig>}>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest reads the pattern to see which fixtures are used.
  makeRig: async ({}, use) => {
    const rigs: {router: Router; dynos: readonly Dyno[]; clients: Peer[]; events: RequestEvent[]}[] = []
    await use(async (options = {}) => {
      const {limits, sizes, dynos: count = 1, addresses = ['127.0.0.1'], ...others} = options
      const events: RequestEvent[] = []
      const clients: Peer[] = []
      const router = new Router({
        limits: {...platformLimits(1), ...limits},
        sizes: {...routerLimits, ...sizes} as RouterLimits,
        emit: (event: PlatformEvent) => {
          if (event.type === 'request') events.push(event)
        },
        ...others,
      })
      const web = router.makeBackends('web')
      const dynos = await Promise.all(Array.from({length: count}, () => Dyno.listen()))
      rigs.push({router, dynos, clients, events})
      for (const [index, dyno] of dynos.entries()) web.add({name: `web.${index + 1}`, host: '127.0.0.1', port: dyno.port})
      router.setHosts([{host: 'app.localhost', to: web}])
      const {port} = await router.listen({port: 0, addresses})
      const connectClient = async (address?: string) => {
        const client = await connectPeer(port, address)
        clients.push(client)
        return client
      }
      const event = async () => {
        await expect.poll(() => events.length, {timeout: 10_000}).toBeGreaterThan(0)
        expect(events).toHaveLength(1)
        return events[0] as RequestEvent
      }
      return {
        router,
        web,
        port,
        dynos,
        dyno: dynos[0] as Dyno,
        events,
        connect: connectClient,
        ask: async request => (await connectClient()).send(request).closes(),
        pass: async request => {
          const client = (await connectClient()).send(request)
          const dyno = await (dynos[0] as Dyno).accept()
          await dyno.reads(/\r\n\r\n/)
          return {client, dyno}
        },
        settle: async () => {
          const probe = await connectClient()
          probe.send('stop\r\n\r\n')
          await probe.closes()
          await expect.poll(() => events.at(-1)?.status).toBe(400)
          events.pop()
        },
        event,
        line: async () => (await event()).line,
      }
    })
    for (const {router, dynos, clients, events} of rigs) {
      for (const client of clients) client.close()
      await Promise.all(dynos.map(dyno => dyno.close()))
      await router.close({drainMs: 1000})
      for (const {line} of events) expect(line).toMatch(linePattern)
    }
  },
})

export {expect} from 'vitest'
