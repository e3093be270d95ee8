import {isUtf8} from 'node:buffer'
import {type Position, type Problem, type ProblemLog, problemLog} from './problem.ts'

/** A file of the app as text: without byte order mark, every line ended by `\n`. Empty when a problem `stops`. */
export type SourceText = {readonly text: string; readonly problems: readonly Problem[]}

/**
 * Turns the bytes of a file into text, in linear time and whatever they are (cli.md section 6): a byte order mark and CRLF are
 * notes, a lone CR ends a line too, bytes that are no UTF-8 are an error; UTF-16 and NUL bytes stop everything.
 */
export function readSourceText(file: string, bytes: Uint8Array): SourceText {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const unusable = findUnusable(file, buffer)
  if (unusable !== undefined) return {text: '', problems: [unusable]}

  const log = problemLog(file)
  const encoded = buffer.toString('utf8')
  const decoded = encoded.replace(/^\ufeff+/, '')
  if (decoded.length < encoded.length) noteByteOrderMark(log)
  const hasReturns = decoded.includes('\r')
  if (hasReturns) noteLineEnds(decoded, log)
  const text = hasReturns ? endLinesWithNewline(decoded) : decoded
  if (!isUtf8(buffer)) {
    const at = positionOf(text, Math.max(0, text.indexOf('\ufffd')))
    log.add(at, 'error', 'not-utf-8', 'Bytes that are not UTF-8; each is read as “\ufffd”.', {fix: 'Save the file as UTF-8.'})
  }
  return {text, problems: log.problems()}
}

/** Line and column of `offset` in a text whose lines end in `\n`. */
export function positionOf(text: string, offset: number): Position {
  let line = 1
  let lineStart = 0
  for (let end = text.indexOf('\n'); end !== -1 && end < offset; end = text.indexOf('\n', lineStart)) {
    line += 1
    lineStart = end + 1
  }
  return {line, column: offset - lineStart + 1}
}

function findUnusable(file: string, buffer: Buffer): Problem | undefined {
  const hasUtf16Mark = (buffer[0] === 0xff && buffer[1] === 0xfe) || (buffer[0] === 0xfe && buffer[1] === 0xff)
  const nulAt = buffer.indexOf(0)
  if (!hasUtf16Mark && nulAt === -1) return undefined
  const isUtf16 = hasUtf16Mark || (nulAt < 2 && buffer[nulAt + 1] !== 0 && buffer[nulAt + 2] === 0)
  const {line, column} = isUtf16 ? {line: 1, column: 1} : positionAfter(buffer.toString('utf8', 0, nulAt))
  const [rule, message, fix] = isUtf16
    ? (['utf-16', `${file} is UTF-16.`, 'Save it as UTF-8 (`>` of an older PowerShell writes UTF-16).'] as const)
    : (['nul-byte', 'A NUL byte: this is no text file, or a damaged one.', 'Remove the byte.'] as const)
  return {file, line, column, severity: 'error', rule, message, fix, stops: true}
}

function noteByteOrderMark(log: ProblemLog): void {
  const message = 'A byte order mark: foreman, honcho, hivemind and overmind lose the first line behind it, goreman and mprocs misname it.'
  log.add({line: 1, column: 1}, 'note', 'byte-order-mark', message, {fix: 'Save the file as UTF-8 without BOM.', edits: []})
}

function noteLineEnds(decoded: string, log: ProblemLog): void {
  const repair = {fix: 'End lines with LF.', edits: []}
  const crlfAt = decoded.indexOf('\r\n')
  if (crlfAt !== -1) {
    log.add(positionAfter(decoded.slice(0, crlfAt)), 'note', 'crlf', 'Lines end in CRLF: tools differ on its empty lines.', repair)
  }
  const loneAt = decoded.search(/\r(?!\n)/)
  if (loneAt !== -1) {
    const message = 'A carriage return alone ends this line here; tools that know only LF and CRLF read on.'
    log.add(positionAfter(decoded.slice(0, loneAt)), 'note', 'lone-carriage-return', message, repair)
  }
}

function positionAfter(textBefore: string): Position {
  const text = endLinesWithNewline(textBefore)
  return positionOf(text, text.length)
}

function endLinesWithNewline(text: string): string {
  return text.replaceAll(/\r\n?/g, '\n')
}
