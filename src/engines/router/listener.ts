import {createServer, type ListenOptions, type Server, type Socket} from 'node:net'
import {HomeportError} from '../../model/error.ts'

const backlog = 1024
const tries = 20

const absentCodes = new Set(['EADDRNOTAVAIL', 'EAFNOSUPPORT'])
/** Addresses of a family that this machine may lack: they are left out when others could be bound. */
const familyAddresses = new Set(['127.0.0.1', '::1', '0.0.0.0', '::'])
const unknownCodes = new Set(['ENOTFOUND', 'EAI_AGAIN', 'EAI_NONAME', 'EINVAL'])

/**
 * Binds one port on each address; with port 0 a port that is free on all of them. Throws PORT_TAKEN, NO_PERMISSION, or
 * FLAG_INVALID for an address that this machine does not have; one of a whole family that it lacks is left out, unless it is the
 * only one.
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
          if (!absentCodes.has(codeOf(error))) throw explainAddress(error, address)
          absent = explainAddress(error, address)
          if (!familyAddresses.has(address)) throw absent
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

function explainAddress(cause: unknown, address: string): unknown {
  const code = codeOf(cause)
  if (!absentCodes.has(code) && !unknownCodes.has(code)) return cause
  return new HomeportError('FLAG_INVALID', `${address} is no address of this machine.`, {
    hint: 'Give one that it has with --listen, such as 127.0.0.1, or 0.0.0.0 for all of them.',
    cause,
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
