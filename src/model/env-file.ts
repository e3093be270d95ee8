import {type Position, type Problem, type ProblemLog, problemLog} from './problem.ts'
import {readSourceText} from './source-text.ts'

export type Quote = '' | "'" | '"' | '`'

/** One variable of a .env file, with where it stands; duplicates are all there. */
export type EnvEntry = {
  readonly key: string
  /** Without expansion. Never shown in a message. */
  readonly value: string
  /** Where the key stands. */
  readonly line: number
  readonly column: number
  readonly quote: Quote
  /** The value as written between its quotes, for `expandEnvFile`, and where that begins. */
  readonly raw: string
  readonly rawAt: Position
  readonly hasExport: boolean
  /** Blanks before the key or round the `=`. */
  readonly hasBlanks: boolean
}

export type EnvFile = {
  readonly file: string
  readonly entries: readonly EnvEntry[]
  /** With the severities of `check`; one that `stops` means that no variable of the file counts. */
  readonly problems: readonly Problem[]
}

/**
 * Reads a .env file in the dialect of cli.md section 6, without expansion. Any bytes give entries or problems, in linear time.
 * No message holds a value, or text that could be part of one.
 */
export function readEnvFile(bytes: Uint8Array, file = '.env'): EnvFile {
  const source = readSourceText(file, bytes)
  const log = problemLog(file, source.problems)
  const entries = readEntries(source.text, log)
  if (!log.problems().some(({stops}) => stops)) warnOfKeys(entries, log)
  return {file, entries, problems: log.problems()}
}

/** The text of a double-quoted value between its quotes, with its escapes read; any other backslash stays. */
export function unescapeDoubleQuoted(raw: string): string {
  if (!raw.includes('\\')) return raw
  return raw.replaceAll(/\\([nrt"\\$])/g, (_, escaped: string) => escapes[escaped] ?? escaped)
}

const escapes: Readonly<Record<string, string>> = {n: '\n', r: '\r', t: '\t'}

/** Key and `=`, from the beginning of a line; blanks are all but the end of a line. */
const assignment = /([^\S\n]*)(?:(export)[^\S\n]+)?([A-Za-z_0-9][A-Za-z0-9_.-]*)([^\S\n]*)=/y

function readEntries(text: string, log: ProblemLog): EnvEntry[] {
  const entries: EnvEntry[] = []
  let line = 1
  let at = 0
  while (at < text.length) {
    const lineEnd = endOfLine(text, at)
    assignment.lastIndex = at
    const match = assignment.exec(text)
    if (match === null) {
      refuseLine(text.slice(at, lineEnd), line, log)
      at = lineEnd + 1
      line += 1
      continue
    }
    const place = {line, column: keyColumn(match)}
    const value = readValue(text, {at: at + match[0].length, lineStart: at, lineEnd, line, key: match[3] ?? ''}, log)
    if (value === undefined) return []
    const {end, quote, raw, rawAt, hasBlank} = value
    entries.push({
      key: match[3] ?? '',
      value: quote === '"' ? unescapeDoubleQuoted(raw) : raw,
      ...place,
      quote,
      raw,
      rawAt,
      hasExport: match[2] !== undefined,
      hasBlanks: hasBlank || match[1] !== '' || match[4] !== '',
    })
    if (quote !== '') line += countNewlines(raw)
    at = end + 1
    line += 1
  }
  return entries
}

function keyColumn([matched = '', , , key = '', blanks = '']: RegExpExecArray): number {
  return matched.length - 1 - blanks.length - key.length + 1
}

type ValueStart = {readonly at: number; readonly lineStart: number; readonly lineEnd: number; readonly line: number; readonly key: string}
type Value = Pick<EnvEntry, 'quote' | 'raw' | 'rawAt'> & {readonly end: number; readonly hasBlank: boolean}

/** Nothing when the file cannot be read on: what follows an open quote is a value or not, nobody knows. */
function readValue(text: string, start: ValueStart, log: ProblemLog): Value | undefined {
  const rest = text.slice(start.at, start.lineEnd)
  const trimmed = rest.trimStart()
  const first = trimmed[0]
  const hasBlank = trimmed.length < rest.length && trimmed !== ''
  const valueAt = start.lineEnd - trimmed.length
  if (first === '"' || first === "'" || first === '`') return readQuoted(text, {...start, at: valueAt}, {quote: first, hasBlank}, log)
  const commentAt = rest.search(/\s#/)
  const raw = (commentAt === -1 ? rest : rest.slice(0, commentAt)).trim()
  return {
    quote: '',
    raw,
    rawAt: {line: start.line, column: valueAt - start.lineStart + 1},
    end: start.lineEnd,
    hasBlank: hasBlank && raw !== '',
  }
}

function readQuoted(
  text: string,
  {at, lineStart, line, key}: ValueStart,
  {quote, hasBlank}: {quote: Exclude<Quote, ''>; hasBlank: boolean},
  log: ProblemLog,
): Value | undefined {
  const opening = {line, column: at - lineStart + 1}
  const closeAt = quote === '"' ? endOfDoubleQuoted(text, at + 1) : text.indexOf(quote, at + 1)
  if (closeAt === -1) {
    const message = `The value of ${key} begins with ${quote}, and no ${quote} closes it.`
    const fix =
      quote === '"'
        ? 'Close the quote; before one a backslash makes it part of the value.'
        : 'Close the quote, or put the whole value into double quotes.'
    log.add(opening, 'error', 'quote-not-closed', message, {fix, stops: true})
    return undefined
  }
  const raw = text.slice(at + 1, closeAt)
  const end = endOfLine(text, closeAt)
  const behind = text.slice(closeAt + 1, end)
  if (!/^\s*(?:$|(?<=\s)#)/.test(behind)) {
    const newlines = countNewlines(raw)
    const column = closeAt + 2 - (newlines === 0 ? lineStart : text.lastIndexOf('\n', closeAt) + 1)
    const opened = newlines === 0 ? '' : `, opened on line ${line},`
    const fix = behind.startsWith('#')
      ? 'Put a blank before the # of a comment.'
      : `Put the whole value into quotes; within ${quote}…${quote} that quote ends it.`
    log.add({line: line + newlines, column}, 'error', 'text-after-quote', `Text behind the closing quote${opened} of ${key}.`, {
      fix,
      stops: true,
    })
    return undefined
  }
  return {quote, raw, rawAt: {line, column: opening.column + 1}, end, hasBlank}
}

/** Where the first `"` without a backslash before it stands, or -1. A loop: a regular expression would run out of stack on a large file. */
function endOfDoubleQuoted(text: string, from: number): number {
  for (let at = from; at < text.length; at += 1) {
    const character = text.charCodeAt(at)
    if (character === 0x5c) at += 1
    else if (character === 0x22) return at
  }
  return -1
}

function endOfLine(text: string, from: number): number {
  const newline = text.indexOf('\n', from)
  return newline === -1 ? text.length : newline
}

function countNewlines(text: string): number {
  let count = 0
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) count += 1
  return count
}

/** Says why a line is no assignment, in words that show nothing of it but a name: the rest may be part of a secret. */
function refuseLine(line: string, number: number, log: ProblemLog): void {
  const body = line.trimStart()
  if (body === '' || body.startsWith('#')) return
  const at = {line: number, column: line.length - body.length + 1}
  const [rule, message, fix] = explainLine(body.slice(0, 300), number)
  log.add(at, 'error', rule, message, {fix})
}

function explainLine(body: string, number: number): readonly [rule: string, message: string, fix: string] {
  const message = 'This line sets no variable.'
  if (/^(<<<<<<<|=======|>>>>>>>)(\s|$)/.test(body))
    return ['merge-conflict', 'A merge conflict was left here.', 'Keep one side and remove the marks.']
  if (number === 1 && body.startsWith('{'))
    return ['not-an-assignment', `${message} The file looks like JSON.`, 'Write KEY=value, one a line.']
  const bare = /^(?:export|unset|setenv)\s+[A-Za-z_][A-Za-z0-9_]*\s*$/.test(body)
  if (bare) return ['not-an-assignment', message, 'Remove it: every variable of the file is exported.']
  const isYaml = /^(?:-\s+)?[A-Za-z_][A-Za-z0-9_]*:(?!\/\/)/.test(body)
  if (isYaml) return ['not-an-assignment', `${message} It looks like YAML.`, 'Write KEY=value, with an equals sign.']
  if (/^[^\s=]+\s*=/.test(body))
    return ['bad-key', 'The name holds other characters than letters, digits, _ . and -.', 'Rename the variable.']
  return [
    'not-an-assignment',
    `${message} It has no =.`,
    'Write KEY=value; begin a comment with #, and put a value of several lines into quotes.',
  ]
}

const shellKey = /^[A-Za-z_][A-Za-z0-9_]*$/

function warnOfKeys(entries: readonly EnvEntry[], log: ProblemLog): void {
  const lines = new Map<string, number>()
  for (const {key, line, column} of entries) {
    if (!shellKey.test(key)) {
      log.add({line, column}, 'warning', 'odd-key', `No shell can read a variable named “${key}”.`, {
        fix: 'Use letters, digits and _, not a digit first.',
      })
    }
    const earlier = lines.get(key)
    if (earlier !== undefined) {
      const message = `${key} is set on line ${earlier} and again on line ${line}; the last one counts.`
      log.add({line, column}, 'warning', 'duplicate-key', message, {fix: `Remove line ${earlier}.`})
    }
    lines.set(key, line)
  }
}
