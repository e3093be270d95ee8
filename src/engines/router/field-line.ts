import {BAD, COLON, CR, DONE, isToken, isValue, LF, MORE, type ParseResult, SP, TAB} from './bytes.ts'

/** The blank line that ends a head. */
export const BLANK = 3

/** Where the parts of one header line stand in its bytes; one object for all heads, since a line is read in one go. */
export class FieldLine {
  nameEnd = 0
  valueStart = 0
  valueEnd = 0
  /** After the CRLF. */
  end = 0
  /** Why the line was refused. */
  reason = ''
}

/**
 * Reads the header line that begins at `start`. CRLF only, no folding, no blank before the colon, names of token characters:
 * what two parsers could read differently is refused.
 */
export function readFieldLine(bytes: Uint8Array, start: number, size: number, line: FieldLine): ParseResult | typeof BLANK {
  let i = start
  if (i >= size) return MORE
  let byte = bytes[i] as number
  if (byte === CR) {
    if (i + 1 >= size) return MORE
    if (bytes[i + 1] !== LF) return refuse(line, 'a CR without LF')
    line.end = i + 2
    return BLANK
  }
  while (isToken[byte] === 1) {
    if (++i >= size) return MORE
    byte = bytes[i] as number
  }
  if (byte !== COLON || i === start) return refuse(line, nameProblem(byte, i === start))
  line.nameEnd = i
  do {
    if (++i >= size) return MORE
    byte = bytes[i] as number
  } while (byte === SP || byte === TAB)
  line.valueStart = i
  while (isValue[byte] === 1) {
    if (++i >= size) return MORE
    byte = bytes[i] as number
  }
  if (byte !== CR) return refuse(line, byte === LF ? 'a line ends in LF without CR' : 'a control character in a header')
  if (i + 1 >= size) return MORE
  if (bytes[i + 1] !== LF) return refuse(line, 'a CR without LF')
  line.end = i + 2
  while (i > line.valueStart && (bytes[i - 1] === SP || bytes[i - 1] === TAB)) i--
  line.valueEnd = i
  return DONE
}

function nameProblem(byte: number, atStart: boolean): string {
  if (atStart && (byte === SP || byte === TAB)) return 'a folded header line'
  if (byte === SP || byte === TAB) return 'a blank before the colon of a header'
  if (byte === LF) return 'a line ends in LF without CR'
  return 'a header name that is none'
}

function refuse(line: FieldLine, reason: string): typeof BAD {
  line.reason = reason
  return BAD
}

/** A Content-Length of digits only, as a number; -1 when it is none or has more than 15 digits. */
export function readLength(bytes: Uint8Array, from: number, to: number): number {
  if (to === from || to - from > 15) return -1
  let length = 0
  for (let i = from; i < to; i++) {
    const digit = (bytes[i] as number) - 48
    if (digit < 0 || digit > 9) return -1
    length = length * 10 + digit
  }
  return length
}
