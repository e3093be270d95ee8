import type {RequestHead} from './request-head.ts'
import type {ResponseHead} from './response-head.ts'

/** How the platform's router names itself to both sides. */
export const viaName = '1.1 vegur'
const serverName = 'Cowboy'

export const continueText = 'HTTP/1.1 100 Continue\r\n\r\n'

/** How often a request came through a router like this one before. */
export function countPasses(via: string): number {
  return via === '' ? 0 : via.split(viaName).length - 1
}

/** What a dyno is told of the client (platform.md b.4): its address after those that the request brought, protocol and port, and the chain of proxies. */
export function renderForwarded(head: {readonly via: string}, forwardedFor: string, doorLines: string): string {
  return `X-Forwarded-For: ${forwardedFor}\r\n${doorLines}Via: ${appendVia(head.via)}\r\n`
}

/** The head that a dyno gets, up to what is known only when it is connected: the client's lines in their order, then ours. */
export function renderRequest(head: RequestHead, requestId: string, forwardedLines: string): string {
  return `${head.method} ${head.target} HTTP/1.1\r\n${head.lines}X-Request-Id: ${requestId}\r\n${forwardedLines}`
}

/** The rest of that head. */
export function renderRequestEnd(values: {
  readonly connectMs: number
  readonly startedMs: number
  readonly routeMs: number
  readonly isUpgrade: boolean
  readonly expectsContinue: boolean
}): string {
  const {connectMs, startedMs, routeMs} = values
  const expect = values.expectsContinue ? 'Expect: 100-continue\r\n' : ''
  const connection = values.isUpgrade ? 'Connection: Upgrade\r\n\r\n' : 'Connection: keep-alive\r\n\r\n'
  return `Connect-Time: ${connectMs}\r\nX-Request-Start: ${startedMs}\r\nTotal-Route-Time: ${routeMs}\r\n${expect}${connection}`
}

const usualEnds = {
  close: `Via: ${viaName}\r\nConnection: close\r\n\r\n`,
  'keep-alive': `Via: ${viaName}\r\nConnection: keep-alive\r\n\r\n`,
  Upgrade: `Via: ${viaName}\r\nConnection: Upgrade\r\n\r\n`,
} as const

/** The head that the client gets for a dyno's answer; `moreLines` are the router's own. */
export function renderResponse(head: ResponseHead, connection: keyof typeof usualEnds, moreLines: string): string {
  const server = head.hasServer ? moreLines : `Server: ${serverName}\r\n${moreLines}`
  const end = head.via === '' ? usualEnds[connection] : `Via: ${appendVia(head.via)}\r\nConnection: ${connection}\r\n\r\n`
  return `HTTP/1.1 ${head.status} ${head.reason}\r\n${head.lines}${server}${end}`
}

/** An answer of the router's own. */
export function renderPage(
  {status, reason, html, type = 'text/html; charset=utf-8'}: {status: number; reason: string; html: string; type?: string},
  {isHead, isClosing, date}: {isHead: boolean; isClosing: boolean; date: string},
): string {
  return (
    `HTTP/1.1 ${status} ${reason}\r\nConnection: ${isClosing ? 'close' : 'keep-alive'}\r\nServer: ${serverName}\r\nDate: ${date}\r\n` +
    `Content-Length: ${Buffer.byteLength(html)}\r\nContent-Type: ${type}\r\nCache-Control: no-cache, no-store\r\n\r\n${isHead ? '' : html}`
  )
}

function appendVia(via: string): string {
  return via === '' ? viaName : `${via}, ${viaName}`
}
