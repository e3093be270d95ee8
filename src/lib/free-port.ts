import {createServer, type Server} from 'node:net'
import type {Listener, ProcessTable} from './process-table/process-table.ts'

/** A port that nobody else on this machine gets until `release` has resolved. */
export type HeldPort = {readonly port: number; release(): Promise<void>}

/**
 * Below the range from which systems take the ports of outgoing connections (Linux 32768, macOS 49152): one of those could
 * take a port between its release and the moment when the app listens. And away from the ports that people know by heart.
 */
const firstPort = 20_000
const portCount = 10_000

const loopback = ['127.0.0.1', '::1'] as const

/** Every port that was ever given, oldest first: none is given again while there are others. */
const given = new Set<number>()

/** Holds a free port by listening on it, on 127.0.0.1 and ::1 (where there is IPv6). Rejects with EMFILE when this process may open nothing more. */
export async function holdPort(): Promise<HeldPort> {
  const start = Math.floor(Math.random() * portCount)
  for (let offset = 0; offset < portCount; offset++) {
    const port = firstPort + ((start + offset) % portCount)
    if (given.has(port)) continue
    const held = await tryToHold(remember(port))
    if (held !== undefined) return held
  }
  throw new Error(`No port between ${firstPort} and ${firstPort + portCount} is free.`)
}

/** Who listens on a port: its pid and program where they can be read, undefined when nobody is seen. */
export async function whoHolds(port: number, table: ProcessTable): Promise<Listener | undefined> {
  const listeners = (await table.listeners()).filter(listener => listener.port === port)
  return listeners.find(({pid}) => pid !== undefined) ?? listeners[0]
}

function remember(port: number): number {
  const [oldest] = given
  if (oldest !== undefined && given.size >= portCount / 2) given.delete(oldest)
  given.add(port)
  return port
}

async function tryToHold(port: number): Promise<HeldPort | undefined> {
  const servers: Server[] = []
  const release = async () => {
    await Promise.all(servers.map(server => new Promise(resolve => server.close(resolve))))
  }
  for (const host of loopback) {
    const result = await listen(host, port)
    if (result instanceof Error) {
      if (host === '::1' && (result.code === 'EADDRNOTAVAIL' || result.code === 'EAFNOSUPPORT')) continue
      await release()
      // No other port would do either.
      if (result.code === 'EMFILE' || result.code === 'ENFILE') throw result
      return undefined
    }
    servers.push(result)
  }
  return {port, release}
}

/** The system answers connections itself until we close them; nobody waits for an app that is not there yet. */
function listen(host: string, port: number): Promise<Server | NodeJS.ErrnoException> {
  return new Promise(resolve => {
    const server = createServer(socket => socket.destroy())
    server.once('error', resolve)
    server.listen({host, port, exclusive: true}, () => resolve(server))
  })
}
