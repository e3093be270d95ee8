import type {ProcessTypes} from './formation.ts'
import {type Problem, type ProblemLog, problemLog} from './problem.ts'
import {explainProcfileLine} from './procfile-line.ts'
import {readSourceText} from './source-text.ts'
import type {TextEdit} from './text-edit.ts'

/** One declaration of a Procfile, with where it stands; duplicates are all there. Offsets are those of `readSourceText`. */
export type ProcfileEntry = {
  readonly type: string
  readonly command: string
  readonly line: number
  /** Where the name stands; the line itself begins at `offset`, the command at `commandOffset`. */
  readonly column: number
  readonly offset: number
  readonly commandOffset: number
  /** What stands between the name and the command: `: `, or ` :` and other ways to write it. */
  readonly separator: string
}

export type Procfile = {
  readonly file: string
  /** Process type -> command; a type keeps the place of its first line and has the command of its last. */
  readonly types: ProcessTypes
  readonly entries: readonly ProcfileEntry[]
  /** With the severities of `check`; `warningsAtStart` turns them into those of `start` and `build`. */
  readonly problems: readonly Problem[]
}

/**
 * Reads a Procfile by the grammar of cli.md section 6, `^\s*([A-Za-z0-9_-]+)\s*:\s*(.+?)\s*$` for each line (platform.md a.1).
 * Any bytes give types or problems, in linear time; what the platform would skip is skipped, with a problem that says so.
 */
export function readProcfile(bytes: Uint8Array, file = 'Procfile'): Procfile {
  const source = readSourceText(file, bytes)
  const log = problemLog(file, source.problems)
  const entries: ProcfileEntry[] = []
  let continuesLine: number | undefined
  for (const line of linesOf(source.text)) {
    const entry = readLine(line, log, continuesLine)
    if (entry !== undefined) entries.push(entry)
    if (entry !== undefined || !line.text.trimEnd().endsWith('\\')) continuesLine = undefined
    if (entry?.command.endsWith('\\')) continuesLine = line.number
  }
  return {file, types: lastOfEach(entries, log), entries, problems: log.problems()}
}

/** A Procfile that declares `types`, one a line in their order; reading it gives the same types. */
export function renderProcfile(types: ProcessTypes): string {
  return [...types].map(([type, command]) => `${type}: ${command}\n`).join('')
}

/** The repair of whatever is odd about a line up to its command: `web: `, from the margin. */
export function plainStart({type, offset, commandOffset}: ProcfileEntry): TextEdit {
  return {start: offset, end: commandOffset, text: `${type}: `}
}

type Line = {readonly text: string; readonly number: number; readonly offset: number}

function* linesOf(text: string): Generator<Line> {
  let number = 1
  let offset = 0
  while (offset < text.length) {
    const newline = text.indexOf('\n', offset)
    const end = newline === -1 ? text.length : newline
    yield {text: text.slice(offset, end), number, offset}
    number += 1
    offset = end + 1
  }
}

const unexplained = {rule: 'not-a-declaration', message: 'This line declares no process type.', fix: 'Write TYPE: COMMAND.'}
const typeName = /^[A-Za-z0-9_][A-Za-z0-9_-]*$/

function readLine(line: Line, log: ProblemLog, continuesLine: number | undefined): ProcfileEntry | undefined {
  const body = line.text.trim()
  const at = {line: line.number, column: line.text.length - line.text.trimStart().length + 1}
  if (body === '' || body.startsWith('#')) {
    noteUntidyLine(line, body, log)
    return undefined
  }
  const colonAt = body.indexOf(':')
  const type = body.slice(0, Math.max(colonAt, 0)).trimEnd()
  const command = body.slice(colonAt + 1).trimStart()
  if (!typeName.test(type) || command === '' || command.startsWith(':')) {
    const {rule, message, fix} = log.hasRoom() ? explainProcfileLine(body, continuesLine) : unexplained
    log.add(at, 'error', rule, message, {fix})
    return undefined
  }
  const commandColumn = at.column + body.length - command.length
  const separator = body.slice(type.length, body.length - command.length)
  const entry = {
    type,
    command,
    line: line.number,
    column: at.column,
    offset: line.offset,
    commandOffset: line.offset + commandColumn - 1,
    separator,
  }
  warnOfCommand(entry, line.text.slice(0, commandColumn - 1), log)
  return entry
}

/** Blank lines and comments mean nothing here, but two tools give the whole file up when they do not begin at the margin. */
function noteUntidyLine(line: Line, body: string, log: ProblemLog): void {
  if (line.text === body) return
  const at = {line: line.number, column: 1}
  if (body !== '' && line.text.startsWith('#')) return
  const edits = [{start: line.offset, end: line.offset + line.text.length - line.text.trimStart().length, text: ''}]
  const effect = 'nf and heroku local then run `npm start` instead of the whole Procfile.'
  if (body === '')
    log.addOnce(at, 'note', 'line-of-blanks', `A line of nothing but blanks: ${effect}`, {fix: 'Leave the line empty.', edits})
  else log.addOnce(at, 'note', 'indented-comment', `A comment behind blanks: ${effect}`, {fix: 'Begin the line with #.', edits})
}

const oddBlank = /[^\S \t]/

function warnOfCommand(entry: ProcfileEntry, before: string, log: ProblemLog): void {
  const {command, line, column, separator, type} = entry
  if (command.endsWith('\\')) {
    const message = 'The line ends in a backslash, which does not join it with the next one: the shell gets it as it stands.'
    const at = {line, column: column + type.length + separator.length + command.length - 1}
    log.add(at, 'error', 'line-continued', message, {fix: 'Write the command on one line, or put it into a script.'})
  }
  const inCommand = command.search(oddBlank)
  if (inCommand !== -1) {
    const message = `${describeBlank(command[inCommand])} in the command: for the shell that is a letter, not a blank.`
    log.add({line, column: before.length + inCommand + 1}, 'warning', 'no-break-space', message, {fix: 'Write a plain blank, or quote it.'})
  }
  const inFront = before.search(oddBlank)
  if (inFront !== -1) {
    const message = `${describeBlank(before[inFront])} counts as a blank here; foreman makes it part of the command, hivemind and overmind lose the line.`
    log.add({line, column: inFront + 1}, 'warning', 'no-break-space', message, {fix: 'Write a plain blank.', edits: [plainStart(entry)]})
  }
}

function describeBlank(blank = ' '): string {
  return blank === '\u00a0' ? 'A no-break space' : `The blank U+${blank.charCodeAt(0).toString(16).toUpperCase().padStart(4, '0')}`
}

function lastOfEach(entries: readonly ProcfileEntry[], log: ProblemLog): ProcessTypes {
  const types = new Map<string, string>()
  const lines = new Map<string, number>()
  for (const {type, command, line, column} of entries) {
    const earlier = lines.get(type)
    if (earlier !== undefined) {
      const message = `“${type}” is declared on line ${earlier} and again on line ${line}; the last one counts.`
      log.add({line, column}, 'warning', 'duplicate-type', message, {fix: `Remove line ${earlier}, or give one of them another name.`})
    }
    types.set(type, command)
    lines.set(type, line)
  }
  return types
}
