import {createServer, type ListenOptions, type Server, type Socket} from 'node:net'
import {HomeportError} from '../../model/error.ts'

const backlog = 1024
const tries = 20

/** Addresses of a family that this machine may lack: they are left out when others could be bound. */
const absentCodes = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT'])

/**
 * Binds one port on each address; with port 0 a port that is free on all of them. Throws PORT_TAKEN or NO_PERMISSION. An address
 * that this machine does not have is left out, unless it is the only one.
 */
export async function bindAll(
  port: number,
  addresses: readonly string[],
  onSocket: (socket: Socket) => void,
): Promise<{port: number; servers: readonly Server[]}> {
  for (let attempt = 1; ; attempt++) {
    const servers: Server[] = []
    let bound = port
    let absent: unknown
    try {
      for (const address of addresses) {
        const server = createServer({noDelay: true}, onSocket)
        try {
          bound = await bind(server, {port: bound, host: address, backlog, ipv6Only: address === '::' && addresses.includes('0.0.0.0')})
          servers.push(server)
        } catch (error) {
          if (!absentCodes.has(codeOf(error))) throw error
          absent = error
        }
      }
      if (servers.length === 0) throw absent
      return {port: bound, servers}
    } catch (error) {
      for (const server of servers) server.close()
      if (port === 0 && codeOf(error) === 'EADDRINUSE' && attempt < tries) continue
      throw explain(error, bound)
    }
  }
}

function bind(server: Server, options: ListenOptions & {readonly port: number}): Promise<number> {
  return new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(options, () => {
      server.off('error', reject)
      const address = server.address()
      resolve(address !== null && typeof address === 'object' ? address.port : options.port)
    })
  })
}

function explain(cause: unknown, port: number): unknown {
  const code = codeOf(cause)
  if (code === 'EADDRINUSE')
    return new HomeportError('PORT_TAKEN', `Port ${port} is taken.`, {
      hint: 'Choose another one with --port, or 0 for any free one.',
      cause,
    })
  if (code === 'EACCES')
    return new HomeportError('NO_PERMISSION', `No right to listen on port ${port}.`, {hint: 'Choose a port above 1023 with --port.', cause})
  return cause
}

function codeOf(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : ''
}
