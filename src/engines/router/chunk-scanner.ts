import type {RouterLimits} from '../../model/router-limits.ts'
import {COLON, CR, isToken, isValue, LF} from './bytes.ts'

/** The body goes on; the framing is broken. Any other result is the index after the body's last byte. */
export const BODY_MORE = -1
export const BODY_BAD = -2

const SIZE = 0
const EXTENSION_NAME = 1
const EXTENSION_VALUE = 2
const EXTENSION_QUOTED = 3
const EXTENSION_ESCAPED = 4
const EXTENSION_END = 5
const SIZE_LF = 6
const DATA = 7
const DATA_CR = 8
const DATA_LF = 9
const TRAILER_START = 10
const TRAILER_NAME = 11
const TRAILER_VALUE = 12
const TRAILER_LF = 13
const LAST_LF = 14

const SEMICOLON = 59
const EQUALS = 61
const QUOTE = 34
const BACKSLASH = 92
const maxDigits = 13

/** Trailers that would reframe or redirect the message they end. */
const forbiddenTrailers = new Set(['connection', 'content-length', 'host', 'keep-alive', 'te', 'trailer', 'transfer-encoding', 'upgrade'])

/**
 * Finds the end of a chunked body and checks its framing on the way (platform.md b.3); the bytes themselves travel on as they came.
 * What could be read in two ways is bad: blanks, signs, LF without CR, sizes of more than 13 digits, lines over 8,192 bytes.
 */
export class ChunkScanner {
  readonly #limits: RouterLimits
  /** Bytes of payload seen so far. */
  payloadBytes = 0
  /** How far the framing of the last bytes was good, when it is bad after that. */
  goodUntil = 0
  #state = SIZE
  #left = 0
  #digits = 0
  #lineBytes = 0
  #trailerBytes = 0
  #tokenBytes = 0
  #trailerName = ''

  constructor(limits: RouterLimits) {
    this.#limits = limits
  }

  /** Scans `bytes` from `from` to `to`; `take` gets the ranges that are payload. */
  scan(bytes: Uint8Array, from: number, to: number, take?: (from: number, to: number) => void): number {
    let i = from
    this.goodUntil = from
    while (i < to) {
      if (this.#state === DATA) {
        const size = Math.min(this.#left, to - i)
        take?.(i, i + size)
        this.payloadBytes += size
        this.#left -= size
        i += size
        if (this.#left === 0) this.#state = DATA_CR
        this.goodUntil = i
        continue
      }
      const state = this.#state
      const next = state < DATA ? this.#sizeLine(state, bytes[i] as number) : this.#afterData(state, bytes[i] as number)
      if (next === BODY_BAD) return BODY_BAD
      i++
      this.#state = next
      if (state === DATA_LF) this.goodUntil = i
      if (state === LAST_LF) return i
    }
    return BODY_MORE
  }

  #sizeLine(state: number, byte: number): number {
    if (++this.#lineBytes > this.#limits.chunkLineBytes && byte !== CR && byte !== LF) return BODY_BAD
    switch (state) {
      case SIZE: {
        const digit = hexDigit(byte)
        if (digit >= 0) {
          if (++this.#digits > maxDigits) return BODY_BAD
          this.#left = this.#left * 16 + digit
          return SIZE
        }
        if (this.#digits === 0) return BODY_BAD
        return this.#afterExtension(byte)
      }
      case EXTENSION_NAME:
        if (isToken[byte] === 1) return this.#countToken(EXTENSION_NAME)
        if (this.#tokenBytes === 0) return BODY_BAD
        if (byte !== EQUALS) return this.#afterExtension(byte)
        this.#tokenBytes = 0
        return EXTENSION_VALUE
      case EXTENSION_VALUE:
        if (isToken[byte] === 1) return this.#countToken(EXTENSION_VALUE)
        if (this.#tokenBytes > 0) return this.#afterExtension(byte)
        return byte === QUOTE ? EXTENSION_QUOTED : BODY_BAD
      case EXTENSION_QUOTED:
        if (byte === QUOTE) return EXTENSION_END
        if (byte === BACKSLASH) return EXTENSION_ESCAPED
        return isValue[byte] === 1 ? EXTENSION_QUOTED : BODY_BAD
      case EXTENSION_ESCAPED:
        return isValue[byte] === 1 ? EXTENSION_QUOTED : BODY_BAD
      case EXTENSION_END:
        return this.#afterExtension(byte)
      default:
        if (byte !== LF) return BODY_BAD
        this.#digits = 0
        this.#lineBytes = 0
        return this.#left === 0 ? TRAILER_START : DATA
    }
  }

  #countToken(state: number): number {
    this.#tokenBytes++
    return state
  }

  #afterExtension(byte: number): number {
    this.#tokenBytes = 0
    if (byte === CR) return SIZE_LF
    return byte === SEMICOLON ? EXTENSION_NAME : BODY_BAD
  }

  #afterData(state: number, byte: number): number {
    switch (state) {
      case DATA_CR:
        return byte === CR ? DATA_LF : BODY_BAD
      case DATA_LF:
      case LAST_LF:
        return byte === LF ? SIZE : BODY_BAD
      default:
        return this.#trailer(state, byte)
    }
  }

  #trailer(state: number, byte: number): number {
    if (++this.#trailerBytes > this.#limits.trailerBytes) return BODY_BAD
    if (++this.#lineBytes > this.#limits.headerLineBytes && byte !== CR && byte !== LF) return BODY_BAD
    switch (state) {
      case TRAILER_START:
        if (byte === CR) return LAST_LF
        this.#trailerName = ''
        return this.#trailerNameByte(byte)
      case TRAILER_NAME:
        if (byte !== COLON) return this.#trailerNameByte(byte)
        return forbiddenTrailers.has(this.#trailerName.toLowerCase()) ? BODY_BAD : TRAILER_VALUE
      case TRAILER_VALUE:
        if (byte === CR) return TRAILER_LF
        return isValue[byte] === 1 ? TRAILER_VALUE : BODY_BAD
      default:
        this.#lineBytes = 0
        return byte === LF ? TRAILER_START : BODY_BAD
    }
  }

  #trailerNameByte(byte: number): number {
    if (isToken[byte] !== 1) return BODY_BAD
    // Longer names are none of the forbidden ones.
    if (this.#trailerName.length < 32) this.#trailerName += String.fromCharCode(byte)
    return TRAILER_NAME
  }
}

function hexDigit(byte: number): number {
  if (byte >= 48 && byte <= 57) return byte - 48
  if (byte >= 97 && byte <= 102) return byte - 87
  return byte >= 65 && byte <= 70 ? byte - 55 : -1
}
