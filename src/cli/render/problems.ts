import {renderPlace} from '../../model/error.ts'
import type {Problem} from '../../model/problem.ts'
import type {CheckReport} from '../../platform/check-files.ts'
import type {Paint} from '../colour.ts'
import {printable} from './error.ts'

const colours = {error: 'red', warning: 'yellow', note: 'blue'} as const

/** `Procfile:3:1: warning: text [rule]`, in the form that editors and CI jobs read; then what to write, indented. */
export function renderProblem(problem: Problem, paint: Paint): string {
  const {severity, rule, message, fix} = problem
  const line = `${printable(renderPlace(problem))}: ${paint(colours[severity], `${severity}:`)} ${printable(message)} [${rule}]\n`
  return fix === undefined ? line : `${line}    ${printable(fix)}\n`
}

/** `.env:3: this sets no variable. Write KEY=value.`: one warning of `start` or `build`. */
export function renderFileWarning(problem: Problem): string {
  return `${renderPlace(problem)}: ${problem.message}${problem.fix === undefined ? '' : ` ${problem.fix}`}`
}

/** The report of `check` for people: each problem, then how many there are, or that all is well. */
export function renderReport({problems, repaired, types, files}: CheckReport, paint: Paint): string {
  const repairs = repaired.map(renderRepair)
  const lines = problems.map(problem => renderProblem(problem, paint))
  const counts = (['error', 'warning', 'note'] as const).flatMap(severity => {
    const count = problems.filter(problem => problem.severity === severity).length
    return count === 0 ? [] : [`${count} ${severity}${count === 1 ? '' : 's'}`]
  })
  const found = types.size === 0 ? [] : [`Process types: ${[...types.keys()].join(', ')}.`]
  const summary = counts.length > 0 ? `${counts.join(', ')}.` : `No problems in ${files.map(printable).join(', ')}.`
  return [...repairs, ...lines, [...found, summary].join(' '), '\n'].join('')
}

const repairs: Readonly<Record<string, string>> = {
  'byte-order-mark': 'byte order mark removed',
  crlf: 'lines end in LF now',
  'lone-carriage-return': 'lines end in LF now',
  'line-of-blanks': 'blanks removed',
  'indented-comment': 'blanks before the comment removed',
  'leading-blank': 'blanks before the name removed',
  'blank-before-colon': 'blanks before the colon removed',
  'no-blank-after-colon': 'blank put behind the colon',
  'no-break-space': 'plain blank put behind the colon',
  'trailing-comma': 'comma removed',
}

function renderRepair({file, line, rule}: Problem): string {
  return `${printable(file)}:${line}: repaired: ${repairs[rule] ?? 'done'} [${rule}]\n`
}

/** The report of `check --json` (cli.md section 6); `repaired` only when something was. */
export function reportDocument({ok, types, problems, repaired}: CheckReport): Readonly<Record<string, unknown>> {
  return {
    ok,
    types,
    problems: problems.map(problemDocument),
    ...(repaired.length === 0 ? {} : {repaired: repaired.map(({file, line, rule}) => ({file, line, rule}))}),
  }
}

function problemDocument({file, line, column, severity, rule, message, fix}: Problem): Readonly<Record<string, unknown>> {
  return {file, line, column, severity, rule, message, ...(fix === undefined ? {} : {fix})}
}
