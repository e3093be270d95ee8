import {type ErrorCode, HomeportError} from './error.ts'
import type {TextEdit} from './text-edit.ts'

/** How bad a problem is: an error fails `check`, a warning does with `--strict`, a note never. */
export type Severity = 'error' | 'warning' | 'note'

/** What is wrong or doubtful at one place of a file of the app (cli.md section 6). Never holds the value of a config var. */
export type Problem = {
  readonly file: string
  /** Counts from 1, as does `column` (in UTF-16 units). */
  readonly line: number
  readonly column: number
  readonly severity: Severity
  /** A name that never changes, such as `duplicate-type`. */
  readonly rule: string
  readonly message: string
  /** What to write instead, in a sentence. */
  readonly fix?: string
  /** The file cannot be used at all: `start` and `build` stop too (exit 3). */
  readonly stops?: true
  /** The one sure repair, in offsets of the text as `readSourceText` gives it; empty when writing that text is the repair. */
  readonly edits?: readonly TextEdit[]
}

/** Where in a file, both from 1. */
export type Position = {readonly line: number; readonly column: number}

export type ProblemDetails = Pick<Problem, 'fix' | 'stops' | 'edits'>

/** Gathers the problems of one file in the order in which they are met. */
export type ProblemLog = {
  add(at: Position, severity: Severity, rule: string, message: string, details?: ProblemDetails): void
  /** Adds it for the first place only; later ones only lend their edits. For notes that would repeat on every line. */
  addOnce(at: Position, severity: Severity, rule: string, message: string, details?: ProblemDetails): void
  /** Whether what is added now is kept; when it is not, nobody reads its words. */
  hasRoom(): boolean
  /** At most `maxKept` of them, then one that counts the rest: junk of 10 MB must not become a gigabyte of complaints. */
  problems(): readonly Problem[]
}

const maxKept = 500
const ranks: Readonly<Record<Severity, number>> = {error: 0, warning: 1, note: 2}

export function problemLog(file: string, earlier: readonly Problem[] = []): ProblemLog {
  const kept: Problem[] = [...earlier]
  const once = new Map<string, TextEdit[]>()
  const dropped = {count: 0, severity: 'note' as Severity}
  let stops = earlier.some(problem => problem.stops)

  function add({line, column}: Position, severity: Severity, rule: string, message: string, details: ProblemDetails = {}): void {
    if (kept.length < maxKept || (details.stops && !stops)) {
      stops ||= details.stops === true
      kept.push({file, line, column, severity, rule, message, ...details})
      return
    }
    dropped.count += 1
    if (ranks[severity] < ranks[dropped.severity]) dropped.severity = severity
  }

  return {
    add,
    addOnce(at, severity, rule, message, details = {}) {
      const known = once.get(rule)
      if (known !== undefined) {
        known.push(...(details.edits ?? []))
        return
      }
      const edits = [...(details.edits ?? [])]
      once.set(rule, edits)
      add(at, severity, rule, message, details.edits === undefined ? details : {...details, edits})
    },
    hasRoom: () => kept.length < maxKept,
    problems() {
      if (dropped.count === 0) return kept
      const message = `${dropped.count} more ${dropped.count === 1 ? 'problem' : 'problems'} in this file.`
      return [...kept, {file, line: 1, column: 1, severity: dropped.severity, rule: 'more-problems', message}]
    },
  }
}

/** What `start` and `build` say of `problems`: errors that do not stop them are warnings there, and notes are left to `check`. */
export function warningsAtStart(problems: readonly Problem[]): readonly Problem[] {
  return problems.filter(({severity}) => severity !== 'note').map(problem => ({...problem, severity: 'warning'}))
}

/** The error that `problem` is when it stops a command: its fix as the hint, its place as the place. */
export function problemError(code: ErrorCode, {message, file, line, column, fix}: Problem): HomeportError {
  return new HomeportError(code, message, {place: {file, line, column}, ...(fix === undefined ? {} : {hint: fix})})
}

/** Throws the first of `problems` that `stops`. */
export function throwStopping(code: ErrorCode, problems: readonly Problem[]): void {
  const problem = problems.find(({stops}) => stops)
  if (problem !== undefined) throw problemError(code, problem)
}

/** File by file in the given order, then by line and column; at one place the worst first. */
export function sortProblems(problems: readonly Problem[]): readonly Problem[] {
  const order = new Map<string, number>()
  for (const {file} of problems) if (!order.has(file)) order.set(file, order.size)
  return problems.toSorted(
    (a, b) =>
      (order.get(a.file) ?? 0) - (order.get(b.file) ?? 0) ||
      Number(a.rule === 'more-problems') - Number(b.rule === 'more-problems') ||
      a.line - b.line ||
      a.column - b.column ||
      ranks[a.severity] - ranks[b.severity],
  )
}
