import {type RouterFault, routerFaults} from '../../model/router-fault.ts'
import {Body} from './body.ts'
import {DONE, MORE} from './bytes.ts'
import {BODY_BAD, BODY_MORE} from './chunk-scanner.ts'
import type {ClientSocket} from './client-socket.ts'
import type {RouterContext} from './context.ts'
import {dropLines} from './field-value.ts'
import {headText} from './head-text.ts'
import {continueText, renderResponse} from './messages.ts'
import {CHUNKED, type Framing, NO_BODY, UNTIL_CLOSE} from './request-head.ts'
import {ResponseHead, readResponseHead} from './response-head.ts'
import {sendBytes} from './send.ts'

/** What the bytes of a dyno led to. */
export const ANSWER_MORE = 0
export const ANSWER_DONE = 1
/** 101: both sides are a raw pipe from now on. */
export const ANSWER_SWITCHED = 2
/** `answer.fault` says why. */
export const ANSWER_FAILED = 3
export type AnswerProgress = typeof ANSWER_MORE | typeof ANSWER_DONE | typeof ANSWER_SWITCHED | typeof ANSWER_FAILED

/** The request that is answered. */
export type Question = {
  readonly isHead: boolean
  /** The client speaks HTTP/1.`minor`. */
  readonly minor: number
  readonly isUpgrade: boolean
  /** `asked`: the dyno is to answer Expect: 100-continue itself; `answered`: the router did. */
  readonly continuing: 'no' | 'asked' | 'answered'
  /** Whether the client's connection closes after this answer, whatever the answer is. */
  mustClose(): boolean
  /** Header lines of the router's for the final answer. */
  moreLines(): string
}

/** The way of one answer from the dyno to the client (platform.md b.3, b.4). */
export class Answer {
  /** The final head, once it was sent to the client. */
  head: ResponseHead | undefined
  isClosing = false
  /** The dyno's bytes ended exactly where the answer did. */
  isClean = false
  fault: RouterFault = routerFaults.poorlyFormattedResponse
  /** The last read left its buffer with the client's socket. */
  isRetained = false
  readonly #context: RouterContext
  readonly #socket: ClientSocket
  readonly #question: Question
  #continuing: Question['continuing'] | 'continued'
  #partial: Buffer | undefined
  #reading: ResponseHead | undefined
  #body: Body | undefined
  #isUnchunked = false
  #piped = 0

  constructor(socket: ClientSocket, question: Question, context: RouterContext) {
    this.#socket = socket
    this.#question = question
    this.#context = context
    this.#continuing = question.continuing
  }

  /** Bytes of payload from the dyno. */
  get payloadBytes(): number {
    return (this.#body?.payloadBytes ?? 0) + this.#piped
  }

  /** Whether the dyno still owes its 100, so that a final answer ends the connection (b.4.2 v). */
  get awaitsContinue(): boolean {
    return this.#continuing === 'asked'
  }

  /** Whether the end of the dyno's connection is the end of the answer. */
  get endsWithConnection(): boolean {
    return this.head !== undefined && this.#body?.framing === UNTIL_CLOSE
  }

  read(bytes: Buffer, isShared: boolean): AnswerProgress {
    this.isRetained = false
    return this.head === undefined ? this.#readHead(bytes, isShared) : this.#relay(bytes, isShared)
  }

  /** Bytes of a tunnel. */
  pipe(bytes: Buffer, isShared: boolean): void {
    this.#piped += bytes.length
    this.isRetained = sendBytes(this.#socket, bytes, isShared, this.#context.buffers)
  }

  #readHead(read: Buffer, isShared: boolean): AnswerProgress {
    let bytes = read
    let isBorrowed = isShared
    if (this.#partial !== undefined) {
      bytes = Buffer.concat([this.#partial, read])
      isBorrowed = false
      this.#partial = undefined
    }
    for (;;) {
      const head = this.#reading ?? new ResponseHead(this.#context.sizes)
      const text = headText(bytes)
      const result = readResponseHead(bytes, text, head)
      if (result === MORE) {
        this.#reading = head
        this.#partial = Buffer.from(bytes.subarray(head.at))
        head.at = 0
        return ANSWER_MORE
      }
      this.#reading = undefined
      if (result !== DONE) return this.#fail(head.fault)
      if (head.status >= 200) return this.#start(head, bytes, text, isBorrowed)
      if (head.status === 101) return this.#switch(head, bytes, isBorrowed)
      // Other interim answers are not passed on (platform.md b.2).
      if (head.status === 100 && !this.#continue()) return this.#fail(routerFaults.invalidResponseBody)
      if (head.at === bytes.length) return ANSWER_MORE
      bytes = bytes.subarray(head.at)
    }
  }

  /** A 100 of the dyno's, without its headers (b.4.2); false when it is one too many. */
  #continue(): boolean {
    if (this.#continuing === 'continued') return false
    if (this.#question.minor === 1 && this.#continuing !== 'answered') this.#socket.write(continueText, 'latin1')
    if (this.#continuing === 'asked') this.#continuing = 'continued'
    return true
  }

  #switch(head: ResponseHead, bytes: Buffer, isShared: boolean): AnswerProgress {
    if (!this.#question.isUpgrade) return this.#fail(routerFaults.poorlyFormattedResponse)
    this.head = head
    this.#socket.write(renderResponse(head, 'Upgrade', this.#question.moreLines()), 'latin1')
    if (head.at < bytes.length) this.pipe(bytes.subarray(head.at), isShared)
    return ANSWER_SWITCHED
  }

  #start(head: ResponseHead, bytes: Buffer, text: string, isShared: boolean): AnswerProgress {
    const question = this.#question
    const {isHead, minor} = question
    const framing: Framing = isHead || head.status === 204 || head.status === 304 ? NO_BODY : head.framing
    const rest = head.at < bytes.length ? bytes.subarray(head.at) : undefined
    const isEmpty = framing === NO_BODY || (head.length === 0 && framing !== CHUNKED && framing !== UNTIL_CLOSE)
    this.#isUnchunked = head.framing === CHUNKED && minor === 0
    this.isClosing = question.mustClose() || this.awaitsContinue || framing === UNTIL_CLOSE || (framing === CHUNKED && minor === 0)
    if (!isEmpty) {
      this.#body = new Body(framing, head.length, this.#context.sizes)
      // Nothing was relayed yet: the client can still be told that the body is none.
      if (rest !== undefined && framing === CHUNKED && isBadFromTheStart(rest, this.#context))
        return this.#fail(routerFaults.invalidResponseBody)
    }
    if (this.#isUnchunked) head.lines = dropLines(head.lines, ['transfer-encoding'])
    const sent = renderResponse(head, this.isClosing ? 'close' : 'keep-alive', question.moreLines())
    this.head = head
    if (isEmpty || rest === undefined) {
      this.#socket.write(sent, 'latin1')
      this.isClean = rest === undefined
      return isEmpty ? ANSWER_DONE : ANSWER_MORE
    }
    if (text.length === bytes.length && !this.#isUnchunked) return this.#startSmall(sent, rest, text.slice(head.at))
    this.#socket.cork()
    this.#socket.write(sent, 'latin1')
    const progress = this.#relay(rest, isShared)
    this.#socket.uncork()
    return progress
  }

  /** Head and body leave in one write. */
  #startSmall(sent: string, rest: Buffer, restText: string): AnswerProgress {
    const end = this.#body?.follow(rest) ?? 0
    const good = end === BODY_MORE ? rest.length : end === BODY_BAD ? (this.#body?.goodBytes ?? 0) : end
    this.#socket.write(sent + (good === restText.length ? restText : restText.slice(0, good)), 'latin1')
    return this.#progressAt(end, rest.length)
  }

  #relay(bytes: Buffer, isShared: boolean): AnswerProgress {
    const body = this.#body
    if (body === undefined) return ANSWER_DONE
    if (this.#isUnchunked) {
      const parts: Buffer[] = []
      const end = body.follow(bytes, (from, to) => parts.push(Buffer.from(bytes.subarray(from, to))))
      for (const part of parts) this.#socket.write(part)
      return this.#progressAt(end, bytes.length)
    }
    const end = body.follow(bytes)
    const good = end === BODY_MORE ? bytes.length : end === BODY_BAD ? body.goodBytes : end
    // While head and body are gathered for one write, the socket refers to what it was given.
    const isHeldBack = this.#socket.writableCorked > 0
    if (isHeldBack) this.#socket.write(Buffer.from(bytes.subarray(0, good)))
    else this.isRetained = sendBytes(this.#socket, good === bytes.length ? bytes : bytes.subarray(0, good), isShared, this.#context.buffers)
    return this.#progressAt(end, bytes.length)
  }

  #progressAt(end: number, size: number): AnswerProgress {
    if (end === BODY_MORE) return ANSWER_MORE
    if (end === BODY_BAD) return this.#fail(routerFaults.invalidResponseBody)
    this.isClean = end === size
    return ANSWER_DONE
  }

  #fail(fault: RouterFault): AnswerProgress {
    this.fault = fault
    return ANSWER_FAILED
  }
}

function isBadFromTheStart(rest: Buffer, context: RouterContext): boolean {
  const trial = new Body(CHUNKED, 0, context.sizes)
  return trial.follow(rest) === BODY_BAD && trial.payloadBytes === 0
}
