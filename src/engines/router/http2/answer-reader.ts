import type {RouterLimits} from '../../../model/router-limits.ts'
import {Body} from '../body.ts'
import {DONE, MORE} from '../bytes.ts'
import {BODY_BAD, BODY_MORE} from '../chunk-scanner.ts'
import {headText} from '../head-text.ts'
import {CHUNKED, type Framing, NO_BODY, UNTIL_CLOSE} from '../request-head.ts'
import {ResponseHead, readResponseHead} from '../response-head.ts'

/** Header fields, names in lower case; a name that comes several times has a list. */
export type Fields = Readonly<Record<string, string | readonly string[]>>

/** Who takes an answer, piece by piece. */
export type AnswerTaker = {
  onInterim(status: number): void
  /** `isEnd`: there is no body. */
  onHead(status: number, fields: Fields, isEnd: boolean): void
  /** Bytes of the body, or of a tunnel; the taker may keep them. */
  onBytes(bytes: Buffer): void
  onEnd(trailers: Fields): void
}

const HEAD = 0
const BODY = 1
const TUNNEL = 2
const OVER = 3
const BROKEN = 4

/** What HTTP/2 says by other means, or not at all (RFC 9113, 8.2.2). */
const connectionFields = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'upgrade'])
/** Fields of which HTTP/2 in Node takes one alone: the first counts. */
const singleFields = new Set([
  'age',
  'content-length',
  'content-location',
  'content-type',
  'date',
  'etag',
  'expires',
  'last-modified',
  'location',
  'retry-after',
])

/** Reads what the router answers in HTTP/1.1 and gives it in the parts that HTTP/2 is made of: fields, bytes, trailers. */
export class AnswerReader {
  readonly #taker: AnswerTaker
  readonly #isHead: boolean
  readonly #isTunnel: boolean
  readonly #limits: RouterLimits
  #state: typeof HEAD | typeof BODY | typeof TUNNEL | typeof OVER | typeof BROKEN = HEAD
  #head: ResponseHead | undefined
  #rest: Buffer = Buffer.alloc(0)
  #body: Body | undefined
  /** What is no payload, since the last payload: the last chunk's line and the trailers, in the end. */
  #framing = ''

  constructor(taker: AnswerTaker, {isHead, isTunnel, limits}: {isHead: boolean; isTunnel: boolean; limits: RouterLimits}) {
    this.#taker = taker
    this.#isHead = isHead
    this.#isTunnel = isTunnel
    // The router's own lines come on top of what it lets through.
    this.#limits = {...limits, responseHeadBytes: limits.responseHeadBytes + limits.headerLineBytes}
  }

  get isOver(): boolean {
    return this.#state === OVER
  }

  /** Takes bytes of the answer; false when they are none. */
  read(bytes: Buffer): boolean {
    if (this.#state === HEAD) this.#readHead(bytes)
    else if (this.#state === BODY) this.#readBody(bytes)
    else if (this.#state === TUNNEL) this.#taker.onBytes(bytes)
    return this.#state !== BROKEN
  }

  /** Nothing more comes; false when the answer is not complete. */
  end(): boolean {
    if (this.#state === TUNNEL || (this.#state === BODY && this.#body?.framing === UNTIL_CLOSE)) this.#finish({})
    return this.#state === OVER
  }

  #readHead(read: Buffer): void {
    let bytes = this.#rest.length === 0 ? read : Buffer.concat([this.#rest, read])
    while (bytes.length > 0 && this.#state === HEAD) {
      const head = this.#head ?? new ResponseHead(this.#limits)
      const result = readResponseHead(bytes, headText(bytes), head)
      if (result === MORE) {
        this.#head = head
        this.#rest = Buffer.from(bytes.subarray(head.at))
        head.at = 0
        return
      }
      this.#head = undefined
      this.#rest = Buffer.alloc(0)
      if (result !== DONE) {
        this.#state = BROKEN
        return
      }
      bytes = bytes.subarray(head.at)
      this.#start(head)
    }
    if (bytes.length > 0) this.read(bytes)
  }

  #start(head: ResponseHead): void {
    if (head.status === 101) {
      this.#state = TUNNEL
      const {'sec-websocket-accept': _, ...fields} = readFields(head)
      this.#taker.onHead(200, fields, false)
      return
    }
    if (head.status < 200) {
      this.#taker.onInterim(head.status)
      return
    }
    const framing: Framing = this.#isHead || head.status === 204 || head.status === 304 ? NO_BODY : head.framing
    const isEnd = framing === NO_BODY || (head.length === 0 && framing !== CHUNKED && framing !== UNTIL_CLOSE)
    this.#state = isEnd ? OVER : BODY
    this.#body = new Body(framing, head.length, this.#limits)
    // To who asked for a tunnel, success would mean that there is one (RFC 8441, section 5).
    const status = this.#isTunnel && head.status < 300 ? 502 : expressible(head.status)
    this.#taker.onHead(status, readFields(head), isEnd)
  }

  #readBody(bytes: Buffer): void {
    const body = this.#body
    if (body === undefined) return
    if (body.framing === CHUNKED) {
      this.#readChunks(body, bytes)
      return
    }
    const end = body.follow(bytes)
    this.#taker.onBytes(end === BODY_MORE ? bytes : bytes.subarray(0, end))
    if (end !== BODY_MORE) this.#finish({})
  }

  #readChunks(body: Body, bytes: Buffer): void {
    let at = 0
    const end = body.follow(bytes, (from, to) => {
      this.#framing = ''
      at = to
      this.#taker.onBytes(bytes.subarray(from, to))
    })
    if (end === BODY_BAD) {
      this.#state = BROKEN
      return
    }
    this.#framing += bytes.toString('latin1', at, end === BODY_MORE ? bytes.length : end)
    if (end !== BODY_MORE) this.#finish(readTrailers(this.#framing))
  }

  #finish(trailers: Fields): void {
    this.#state = OVER
    this.#taker.onEnd(trailers)
  }
}

/** Statuses over 599 have no form in Node's HTTP/2; who gets one is to take it for a server error (RFC 9110, section 15). */
function expressible(status: number): number {
  return status > 599 ? 500 : status
}

function readFields({lines, status, via}: ResponseHead): Fields {
  const fields: Record<string, string | readonly string[]> = fieldsOf(lines.split('\r\n'))
  // Clients of HTTP/2 take a length on an answer that can have none for an error of the protocol.
  if (status === 204) delete fields['content-length']
  return via === '' ? fields : {...fields, via}
}

/** From `CRLF 0 CRLF`, or `0 CRLF` when there was no payload, on. */
function readTrailers(framing: string): Fields {
  const text = framing.startsWith('\r\n') ? framing.slice(2) : framing
  return fieldsOf(text.split('\r\n').slice(1))
}

function fieldsOf(lines: readonly string[]): Record<string, string | readonly string[]> {
  const fields: Record<string, string | readonly string[]> = Object.create(null)
  for (const line of lines) {
    const colon = line.indexOf(':')
    const name = line.slice(0, colon).toLowerCase()
    if (colon <= 0 || connectionFields.has(name)) continue
    const value = line.slice(colon + 1).replaceAll(/^[ \t]+|[ \t]+$/g, '')
    const known = fields[name]
    if (known === undefined) fields[name] = value
    else if (!singleFields.has(name)) fields[name] = typeof known === 'string' ? [known, value] : [...known, value]
  }
  return fields
}
