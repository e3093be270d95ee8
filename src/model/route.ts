import {HomeportError} from './error.ts'

/** Where `homeport router --route HOST=ADDRESS[,ADDRESS]…` sends the requests for a host. */
export type Route = {
  /** A name in lower case, an IP literal, `*.example.com`, or `*` for any other. */
  readonly host: string
  readonly servers: readonly ServerAddress[]
}

/** Where a server listens; the host `localhost` stands for 127.0.0.1 and ::1, whichever answers. */
export type ServerAddress = {readonly host: string; readonly port: number}

const hostPattern = /^(?:\*|(?:\*\.)?[a-z0-9_](?:[a-z0-9_.-]*[a-z0-9_])?|\[[0-9a-f:.]+\])$/
const addressPattern = /^(?:http:\/\/)?(?:\[([0-9a-f:.]+)\]:|([a-z0-9_.-]*):)?(\d{1,5})\/?$/i

/** Reads all `--route` of a command line; a host that is given twice has the servers of both. Throws FLAG_INVALID. */
export function parseRoutes(texts: readonly string[]): readonly Route[] {
  const servers = new Map<string, readonly ServerAddress[]>()
  for (const text of texts) {
    const {host, servers: more} = parseRoute(text)
    servers.set(host, [...(servers.get(host) ?? []), ...more])
  }
  return [...servers].map(([host, list]) => ({host, servers: list}))
}

/** Reads one `--route`: `app.localhost=3000`, `*=127.0.0.1:3000,[::1]:3001`, `www.example.test=http://localhost:3000`. */
export function parseRoute(text: string): Route {
  const [, hostText = '', addresses = ''] = /^([^=]*)=(.*)$/s.exec(text) ?? []
  const host = hostText
    .trim()
    .toLowerCase()
    .replace(/(?<=[^*])\.$/, '')
  if (!hostPattern.test(host)) throw invalid(text, 'its HOST is no host name')
  return {host, servers: addresses.split(',').map(address => parseAddress(address.trim(), text))}
}

function parseAddress(address: string, text: string): ServerAddress {
  if (/^https:/i.test(address)) throw invalid(text, 'servers are spoken to by http only')
  const [, v6, name, digits] = addressPattern.exec(address) ?? []
  const port = Number(digits ?? 0)
  if (port < 1 || port > 65_535) throw invalid(text, `“${address}” is no address`)
  return {host: v6 ?? (name || 'localhost'), port}
}

function invalid(text: string, reason: string): HomeportError {
  return new HomeportError('FLAG_INVALID', `“${text}” is not a route: ${reason}.`, {
    hint: 'Write --route HOST=ADDRESS, for example `--route app.localhost=127.0.0.1:3000`, or `--route *=3000` for any host.',
  })
}
