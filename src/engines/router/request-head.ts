import {type RouterFault, routerFaults} from '../../model/router-fault.ts'
import type {RouterLimits} from '../../model/router-limits.ts'
import {BAD, CR, DONE, hasName, isHost, LF, MORE, nameBytes, type ParseResult} from './bytes.ts'
import {BLANK, FieldLine, readFieldLine, readLength} from './field-line.ts'
import {dropLines, dropNamed, readExpect, readTokens} from './field-value.ts'
import {readRequestLine} from './request-line.ts'

/** How the end of a body is found. */
export const NO_BODY = 0
export const LENGTH = 1
export const CHUNKED = 2
export const UNTIL_CLOSE = 3
export type Framing = typeof NO_BODY | typeof LENGTH | typeof CHUNKED | typeof UNTIL_CLOSE

const names = {
  te: nameBytes('te'),
  via: nameBytes('via'),
  host: nameBytes('host'),
  expect: nameBytes('expect'),
  upgrade: nameBytes('upgrade'),
  close: nameBytes('close'),
  chunked: nameBytes('chunked'),
  connection: nameBytes('connection'),
  keepAlive: nameBytes('keep-alive'),
  connectTime: nameBytes('connect-time'),
  requestId: nameBytes('x-request-id'),
  contentLength: nameBytes('content-length'),
  forwardedFor: nameBytes('x-forwarded-for'),
  requestStart: nameBytes('x-request-start'),
  forwardedPort: nameBytes('x-forwarded-port'),
  totalRouteTime: nameBytes('total-route-time'),
  forwardedProto: nameBytes('x-forwarded-proto'),
  proxyConnection: nameBytes('proxy-connection'),
  transferEncoding: nameBytes('transfer-encoding'),
  proxyAuthorization: nameBytes('proxy-authorization'),
}

const line = new FieldLine()

/**
 * One request head under way (platform.md b.3, b.4). It is read line by line, so that a head which comes in pieces is never read
 * twice; what its values mean together is settled at the blank line.
 */
export class RequestHead {
  readonly limits: RouterLimits
  /** Start of the next line to read; after the blank line when the head is complete. */
  at = 0
  method = ''
  /** In origin form, without a fragment. */
  target = ''
  /** HTTP/1.`minor` */
  minor = 1
  host = ''
  framing: Framing = NO_BODY
  length = 0
  keepAlive = true
  /** The value of Upgrade when this request asks for another protocol. */
  upgrade = ''
  expectsContinue = false
  requestId = ''
  forwardedFor = ''
  via = ''
  /** Both framings were given: chunked wins, and the connection does not live on. */
  isAmbiguous = false
  /** The header lines to forward, each with its CRLF, in their order and letter case. */
  lines = ''
  /** The host of an absolute target. */
  authority = ''
  fault: RouterFault = routerFaults.badHeader
  /** Why it was refused, for the page. */
  reason = ''
  hasEmptyLine = false
  hasRequestLine = false
  headerCount = 0
  hasHost = false
  hasCoding = false
  hasLength = false
  /** The length must be written anew: it was repeated, or has leading zeros. */
  rewritesLength = false
  asksKeepAlive = false
  asksClose = false
  connection = ''
  hasConnectionList = false
  expect = ''
  hasExpect = false

  constructor(limits: RouterLimits) {
    this.limits = limits
  }

  refuse(reason: string, fault: RouterFault = routerFaults.badHeader): typeof BAD {
    this.reason = reason
    this.fault = fault
    return BAD
  }
}

/**
 * Reads on in a request head: `bytes`, and the same as a latin1 string, out of which parts are cut. On MORE the caller keeps what
 * stands from `head.at` on and comes back with it and more, `head.at` set to 0.
 */
export function readRequestHead(bytes: Uint8Array, text: string, head: RequestHead): ParseResult {
  const size = text.length
  if (!head.hasRequestLine) {
    // One empty line before the request line is tolerated (RFC 9112, 2.2).
    if (bytes[head.at] === CR && !head.hasEmptyLine) {
      if (size - head.at < 2) return MORE
      if (bytes[head.at + 1] !== LF) return head.refuse('a CR without LF')
      head.hasEmptyLine = true
      head.at += 2
    }
    const start = head.at
    const result = readRequestLine(bytes, text, start, head)
    const length = (result === DONE ? head.at - 2 : size - 1) - start
    if (length > head.limits.requestLineBytes) return head.refuse('a request line that is too long')
    if (result !== DONE) return result
    head.hasRequestLine = true
  }
  return readFields(bytes, text, head)
}

function readFields(bytes: Uint8Array, text: string, head: RequestHead): ParseResult {
  const {limits} = head
  const size = text.length
  let start = head.at
  let run = start
  for (;;) {
    const result = readFieldLine(bytes, start, size, line)
    if (result === DONE) {
      if (line.end - start - 2 > limits.headerLineBytes) return head.refuse('a header line that is too long')
      if (line.nameEnd - start > limits.headerNameBytes) return head.refuse('a header name that is too long')
      if (++head.headerCount > limits.headerCount) return head.refuse('too many headers')
      if (isKept(bytes, text, start, head)) {
        start = line.end
        continue
      }
      if (head.reason !== '') return BAD
      if (run < start) head.lines += text.slice(run, start)
      start = run = line.end
      continue
    }
    if (result === BAD) return head.refuse(line.reason)
    if (run < start) head.lines += text.slice(run, start)
    if (result === BLANK) {
      head.at = line.end
      return settle(head)
    }
    if (size - start > limits.headerLineBytes + 1) return head.refuse('a header line that is too long')
    head.at = start
    return MORE
  }
}

/** Takes in what one header line means; tells whether it is forwarded as it stands. Sets `head.reason` when it is refused. */
function isKept(bytes: Uint8Array, text: string, start: number, head: RequestHead): boolean {
  switch (line.nameEnd - start) {
    case 2:
      return !hasName(bytes, start, names.te)
    case 3:
      if (!hasName(bytes, start, names.via)) return true
      head.via = append(head.via, text)
      return false
    case 4:
      return !hasName(bytes, start, names.host) || takeHost(bytes, text, head)
    case 6:
      if (!hasName(bytes, start, names.expect)) return true
      head.hasExpect = true
      head.expect = append(head.expect, text)
      return false
    case 7:
      if (!hasName(bytes, start, names.upgrade)) return true
      head.upgrade = append(head.upgrade, text)
      return true
    case 10:
      if (hasName(bytes, start, names.connection)) return takeConnection(bytes, text, head)
      return !hasName(bytes, start, names.keepAlive)
    case 12:
      if (hasName(bytes, start, names.requestId)) {
        head.requestId = text.slice(line.valueStart, line.valueEnd)
        return false
      }
      return !hasName(bytes, start, names.connectTime)
    case 14:
      return !hasName(bytes, start, names.contentLength) || takeLength(bytes, head)
    case 15:
      if (hasName(bytes, start, names.forwardedFor)) {
        head.forwardedFor = append(head.forwardedFor, text)
        return false
      }
      return !hasName(bytes, start, names.requestStart)
    case 16:
      return !(
        hasName(bytes, start, names.forwardedPort) ||
        hasName(bytes, start, names.totalRouteTime) ||
        hasName(bytes, start, names.proxyConnection)
      )
    case 17:
      if (hasName(bytes, start, names.transferEncoding)) return takeCoding(bytes, head)
      return !hasName(bytes, start, names.forwardedProto)
    case 19:
      return !hasName(bytes, start, names.proxyAuthorization)
    default:
      return true
  }
}

function append(value: string, text: string): string {
  const more = text.slice(line.valueStart, line.valueEnd)
  return value === '' ? more : `${value}, ${more}`
}

function takeHost(bytes: Uint8Array, text: string, head: RequestHead): boolean {
  if (head.hasHost) return refused(head, 'two Host headers')
  head.hasHost = true
  for (let i = line.valueStart; i < line.valueEnd; i++) {
    if (isHost[bytes[i] as number] !== 1) return refused(head, 'a Host that is none')
  }
  head.host = text.slice(line.valueStart, line.valueEnd)
  return true
}

/** The usual values are told by their bytes; any other is read as a list when all lines are there. */
function takeConnection(bytes: Uint8Array, text: string, head: RequestHead): boolean {
  const length = line.valueEnd - line.valueStart
  if (length === 10 && hasName(bytes, line.valueStart, names.keepAlive)) head.asksKeepAlive = true
  else if (length === 5 && hasName(bytes, line.valueStart, names.close)) head.asksClose = true
  else {
    head.hasConnectionList = true
    head.connection = append(head.connection, text)
  }
  return false
}

function takeLength(bytes: Uint8Array, head: RequestHead): boolean {
  const length = readLength(bytes, line.valueStart, line.valueEnd)
  if (length < 0) return refused(head, 'a Content-Length that is none')
  if (head.hasLength) {
    if (length !== head.length) return refused(head, 'two Content-Length headers that differ')
    head.rewritesLength = true
  } else if (bytes[line.valueStart] === 48 && line.valueEnd - line.valueStart > 1) head.rewritesLength = true
  head.hasLength = true
  head.length = length
  return true
}

function takeCoding(bytes: Uint8Array, head: RequestHead): boolean {
  if (head.hasCoding) return refused(head, 'two Transfer-Encoding headers')
  if (line.valueEnd - line.valueStart !== 7 || !hasName(bytes, line.valueStart, names.chunked)) {
    return refused(head, 'a Transfer-Encoding other than chunked')
  }
  head.hasCoding = true
  return true
}

function refused(head: RequestHead, reason: string): boolean {
  head.refuse(reason)
  return false
}

/** What the headers mean together, once all are there. */
function settle(head: RequestHead): ParseResult {
  if (head.method === 'CONNECT') return head.refuse('CONNECT is not supported', routerFaults.methodNotAllowed)
  if (head.host === '') return head.refuse('no Host header')
  if (head.authority !== '' && head.authority.toLowerCase() !== head.host.toLowerCase()) {
    return head.refuse('a Host header that is not the host of the request target')
  }
  if (head.hasCoding) {
    if (head.minor === 0) return head.refuse('Transfer-Encoding in HTTP/1.0')
    head.framing = CHUNKED
    head.isAmbiguous = head.hasLength
    if (head.hasLength) head.lines = dropLines(head.lines, ['content-length'])
  } else if (head.hasLength) {
    head.framing = LENGTH
    if (head.rewritesLength) head.lines = `${dropLines(head.lines, ['content-length'])}Content-Length: ${head.length}\r\n`
  }
  if (!head.hasConnectionList) head.upgrade = ''
  else if (!settleConnection(head)) return BAD
  head.keepAlive = !head.asksClose && (head.minor === 1 || head.asksKeepAlive)
  return head.hasExpect ? settleExpect(head) : DONE
}

function settleConnection(head: RequestHead): boolean {
  const tokens = readTokens(head.connection)
  if (tokens === undefined) return refused(head, 'a Connection header that is no list of names')
  if (tokens.includes('close')) head.asksClose = true
  if (tokens.includes('keep-alive')) head.asksKeepAlive = true
  if (!tokens.includes('upgrade')) head.upgrade = ''
  else if (head.upgrade === '') return refused(head, 'Connection: upgrade without an Upgrade header')
  head.lines = dropNamed(head.lines, tokens)
  // A tunnel of HTTP/2 requests would go round the router; a server may always ignore an Upgrade.
  if (/\bh2c\b/i.test(head.upgrade)) {
    head.upgrade = ''
    head.lines = dropLines(head.lines, ['upgrade'])
  }
  return true
}

function settleExpect(head: RequestHead): ParseResult {
  const expect = readExpect(head.expect)
  if (expect === 'malformed') return head.refuse('an Expect header that is none')
  if (expect === 'unsupported') return head.refuse('an Expect header other than 100-continue', routerFaults.unsupportedExpect)
  // HTTP/1.0 has no 100: the expectation is ignored (RFC 9110, 10.1.1).
  head.expectsContinue = expect === 'continue' && head.minor === 1
  return DONE
}
