import {type RouterFault, routerFaults} from '../../model/router-fault.ts'
import type {RouterLimits} from '../../model/router-limits.ts'
import {BAD, CR, DONE, hasName, isValue, LF, MORE, nameBytes, type ParseResult, SP} from './bytes.ts'
import {BLANK, FieldLine, readFieldLine, readLength} from './field-line.ts'
import {dropLines, dropNamed, readTokens} from './field-value.ts'
import {CHUNKED, type Framing, LENGTH, UNTIL_CLOSE} from './request-head.ts'

const names = {
  te: nameBytes('te'),
  via: nameBytes('via'),
  server: nameBytes('server'),
  close: nameBytes('close'),
  chunked: nameBytes('chunked'),
  connection: nameBytes('connection'),
  keepAlive: nameBytes('keep-alive'),
  setCookie: nameBytes('set-cookie'),
  contentLength: nameBytes('content-length'),
  proxyConnection: nameBytes('proxy-connection'),
  transferEncoding: nameBytes('transfer-encoding'),
  proxyAuthorization: nameBytes('proxy-authorization'),
}

const line = new FieldLine()

/** The head of a dyno's answer under way (platform.md b.3, b.4); read line by line, as RequestHead is. */
export class ResponseHead {
  readonly limits: RouterLimits
  /** Start of the next line to read; after the blank line when the head is complete. */
  at = 0
  /** 0 until the status line is there. */
  status = 0
  minor = 1
  /** The reason phrase. */
  reason = ''
  framing: Framing = UNTIL_CLOSE
  length = 0
  /** Whether the dyno keeps its connection open. */
  keepAlive = true
  /** Seconds of `Keep-Alive: timeout=N`: after that the dyno closes the connection when nothing comes; 0 when it does not say. */
  keepAliveSeconds = 0
  hasServer = false
  via = ''
  /** The header lines to relay, each with its CRLF, in their order and letter case. */
  lines = ''
  fault: RouterFault = routerFaults.poorlyFormattedResponse
  /** Bytes of the lines read so far. */
  sizeBytes = 0
  saysKeepAlive = false
  saysClose = false
  connection = ''
  hasCoding = false
  hasLength = false
  isRefused = false

  constructor(limits: RouterLimits) {
    this.limits = limits
  }

  refuse(fault: RouterFault = routerFaults.poorlyFormattedResponse): typeof BAD {
    this.isRefused = true
    this.fault = fault
    return BAD
  }
}

/** Reads on in an answer's head, with the same calling rules as readRequestHead. */
export function readResponseHead(bytes: Uint8Array, text: string, head: ResponseHead): ParseResult {
  if (head.status === 0) {
    const result = readStatusLine(bytes, text, head)
    if (result !== DONE) return result
  }
  return readFields(bytes, text, head)
}

/** `HTTP/1.x SP 3DIGIT SP reason CRLF`; the platform wants the reason phrase. */
function readStatusLine(bytes: Uint8Array, text: string, head: ResponseHead): ParseResult {
  const size = text.length
  const start = head.at
  if (size - start < 12) return 'HTTP/1.'.startsWith(text.slice(start, start + 7)) ? MORE : head.refuse()
  if (!text.startsWith('HTTP/1.', start)) return head.refuse()
  const minor = (bytes[start + 7] as number) - 48
  const status = readLength(bytes, start + 9, start + 12)
  if ((minor !== 0 && minor !== 1) || bytes[start + 8] !== SP || status < 100) return head.refuse()
  if (size - start < 14) return MORE
  if (bytes[start + 12] !== SP) return head.refuse()
  let i = start + 13
  while (i < size && isValue[bytes[i] as number] === 1) i++
  if (i - start > head.limits.statusLineBytes) return head.refuse(routerFaults.oversizedStatusLine)
  if (i >= size || (bytes[i] === CR && i + 1 >= size)) return MORE
  if (bytes[i] !== CR || bytes[i + 1] !== LF || i === start + 13) return head.refuse()
  head.minor = minor
  head.status = status
  head.reason = text.slice(start + 13, i)
  head.sizeBytes = i + 2 - start
  head.at = i + 2
  return DONE
}

function readFields(bytes: Uint8Array, text: string, head: ResponseHead): ParseResult {
  const {limits} = head
  const size = text.length
  let start = head.at
  let run = start
  for (;;) {
    const result = readFieldLine(bytes, start, size, line)
    if (result === BAD) return head.refuse()
    if (result !== DONE) {
      if (run < start) head.lines += text.slice(run, start)
      if (result === BLANK) {
        head.at = line.end
        return settle(head)
      }
      if (size - start > limits.responseHeaderLineBytes + 1) return head.refuse(routerFaults.oversizedHeader)
      head.at = start
      return MORE
    }
    const lineBytes = line.end - start - 2
    head.sizeBytes += lineBytes + 2
    if (lineBytes > limits.responseHeaderLineBytes || head.sizeBytes > limits.responseHeadBytes) {
      return head.refuse(routerFaults.oversizedHeader)
    }
    if (isKept(bytes, text, start, head)) {
      start = line.end
      continue
    }
    if (head.isRefused) return BAD
    if (run < start) head.lines += text.slice(run, start)
    start = run = line.end
  }
}

/** Takes in what one header line means; tells whether it is relayed as it stands. Sets `head.isRefused` when it cannot be. */
function isKept(bytes: Uint8Array, text: string, start: number, head: ResponseHead): boolean {
  switch (line.nameEnd - start) {
    case 2:
      return !hasName(bytes, start, names.te)
    case 3:
      if (!hasName(bytes, start, names.via)) return true
      head.via += (head.via === '' ? '' : ', ') + text.slice(line.valueStart, line.valueEnd)
      return false
    case 6:
      if (hasName(bytes, start, names.server)) head.hasServer = true
      return true
    case 10:
      if (hasName(bytes, start, names.connection)) return takeConnection(bytes, text, head)
      if (hasName(bytes, start, names.setCookie)) return takeCookie(start, head)
      return !hasName(bytes, start, names.keepAlive) || takeKeepAlive(text, head)
    case 14:
      return !hasName(bytes, start, names.contentLength) || takeLength(bytes, head)
    case 16:
      return !hasName(bytes, start, names.proxyConnection)
    case 17:
      return !hasName(bytes, start, names.transferEncoding) || takeCoding(bytes, head)
    case 19:
      return !hasName(bytes, start, names.proxyAuthorization)
    default:
      return true
  }
}

function takeConnection(bytes: Uint8Array, text: string, head: ResponseHead): boolean {
  const length = line.valueEnd - line.valueStart
  if (length === 10 && hasName(bytes, line.valueStart, names.keepAlive)) head.saysKeepAlive = true
  else if (length === 5 && hasName(bytes, line.valueStart, names.close)) head.saysClose = true
  else head.connection += (head.connection === '' ? '' : ', ') + text.slice(line.valueStart, line.valueEnd)
  return false
}

function takeCookie(start: number, head: ResponseHead): boolean {
  return line.end - start - 2 <= head.limits.cookieBytes || refused(head, routerFaults.oversizedCookie)
}

function takeKeepAlive(text: string, head: ResponseHead): boolean {
  const [, seconds] = /\btimeout\s*=\s*(\d{1,9})/i.exec(text.slice(line.valueStart, line.valueEnd)) ?? []
  head.keepAliveSeconds = Number(seconds ?? 0)
  return false
}

/** Repeated equal lengths become one. A blank after the digits is none of the value, but the platform refuses it. */
function takeLength(bytes: Uint8Array, head: ResponseHead): boolean {
  const length = line.valueEnd === line.end - 2 ? readLength(bytes, line.valueStart, line.valueEnd) : -1
  if (length < 0 || (head.hasLength && length !== head.length)) return refused(head, routerFaults.invalidContentLength)
  if (head.hasLength) return false
  head.hasLength = true
  head.length = length
  return true
}

function takeCoding(bytes: Uint8Array, head: ResponseHead): boolean {
  if (head.hasCoding || line.valueEnd - line.valueStart !== 7 || !hasName(bytes, line.valueStart, names.chunked)) return refused(head)
  head.hasCoding = true
  return true
}

function refused(head: ResponseHead, fault?: RouterFault): boolean {
  head.refuse(fault)
  return false
}

function settle(head: ResponseHead): ParseResult {
  if (head.hasCoding) {
    head.framing = CHUNKED
    if (head.hasLength) head.lines = dropLines(head.lines, ['content-length'])
  } else if (head.hasLength) head.framing = LENGTH
  if (head.connection !== '') {
    const tokens = readTokens(head.connection) ?? []
    if (tokens.includes('close')) head.saysClose = true
    if (tokens.includes('keep-alive')) head.saysKeepAlive = true
    head.lines = dropNamed(head.lines, tokens)
  }
  head.keepAlive = !head.saysClose && (head.minor === 1 || head.saysKeepAlive)
  return DONE
}
