import {randomBytes} from 'node:crypto'

/** One request of HTTP/2 as the head of a request of HTTP/1.1. */
export type RenderedRequest = {
  readonly head: string
  readonly isHead: boolean
  /** An upgrade (RFC 8441): after the dyno's 101 the stream is a raw pipe. */
  readonly isTunnel: boolean
  /** How the body that follows is framed: as many bytes, or chunks; 0 when there is none. */
  readonly body: number | 'chunked'
}

/** What nghttp2 lets through of these would end a line. */
const lineEnds = /[\r\n\0]/

/**
 * Renders a request of HTTP/2 as one of HTTP/1.1 (platform.md b.2), which then goes the way of all others: the strict parser reads it
 * and finds its faults. Header names stay in lower case and in their order; crumbs of `cookie` become one line (RFC 9113, 8.2.3).
 * Undefined: it holds what would end a line, which is no request in either version.
 */
export function renderHttp2Request(rawHeaders: readonly string[], hasBody: boolean): RenderedRequest | undefined {
  if (rawHeaders.some(text => lineEnds.test(text))) return undefined
  const pseudo = new Map<string, string>()
  const fields: (readonly [name: string, value: string])[] = []
  for (let i = 0; i + 1 < rawHeaders.length; i += 2) {
    const [name = '', value = ''] = [rawHeaders[i], rawHeaders[i + 1]]
    if (name.startsWith(':')) pseudo.set(name, value)
    else fields.push([name, value])
  }
  const protocol = pseudo.get(':protocol')
  const method = protocol === undefined ? (pseudo.get(':method') ?? '') : 'GET'
  const authority = pseudo.get(':authority')
  // A plain CONNECT has no path.
  const target = pseudo.get(':path') ?? authority ?? ''
  const isTunnel = protocol !== undefined
  const length = fields.find(([name]) => name === 'content-length')?.[1]
  const isChunked = hasBody && !isTunnel && length === undefined
  const lines = [
    `${method} ${target} HTTP/1.1`,
    // Another host beside it is one too many.
    ...(authority === undefined ? [] : [`host: ${authority}`]),
    ...renderFields(fields.filter(([name, value]) => name !== 'host' || value !== authority)),
    ...(isTunnel ? [`upgrade: ${protocol}`, 'connection: upgrade'] : []),
    ...(protocol === 'websocket' ? [`sec-websocket-key: ${randomBytes(16).toString('base64')}`] : []),
    ...(isChunked ? ['transfer-encoding: chunked'] : []),
  ]
  return {
    head: `${lines.join('\r\n')}\r\n\r\n`,
    isHead: method === 'HEAD',
    isTunnel,
    body: isChunked ? 'chunked' : hasBody && !isTunnel ? Number(length) : 0,
  }
}

function renderFields(fields: readonly (readonly [name: string, value: string])[]): readonly string[] {
  const cookies = fields.filter(([name]) => name === 'cookie').map(([, value]) => value)
  const lines: string[] = []
  let hasCookie = false
  for (const [name, value] of fields) {
    if (name !== 'cookie') lines.push(`${name}: ${value}`)
    else if (!hasCookie) lines.push(`cookie: ${cookies.join('; ')}`)
    hasCookie ||= name === 'cookie'
  }
  return lines
}
