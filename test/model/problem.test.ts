import {describe, expect, test} from 'vitest'
import {HomeportError} from '../../src/model/error.ts'
import {type Problem, problemLog, sortProblems, throwStopping, warningsAtStart} from '../../src/model/problem.ts'

const at = (line: number, column = 1) => ({line, column})
const problem = (file: string, line: number, severity: Problem['severity'], rest: Partial<Problem> = {}): Problem => ({
  file,
  line,
  column: 1,
  severity,
  rule: 'r',
  message: 'm',
  ...rest,
})

describe('the log of a file', () => {
  test('keeps 500 problems and counts the rest, as bad as the worst of them', () => {
    const log = problemLog('f')
    for (let line = 1; line <= 500; line++) log.add(at(line), 'note', 'r', 'm')
    expect(log.hasRoom()).toBe(false)
    log.add(at(501), 'warning', 'r', 'm')
    log.add(at(502), 'error', 'r', 'm')
    log.add(at(503), 'note', 'r', 'm')
    const problems = log.problems()
    expect(problems).toHaveLength(501)
    expect(problems.at(-1)).toMatchObject({severity: 'error', rule: 'more-problems', message: '3 more problems in this file.'})
  })

  test('keeps the first that stops, however many came before', () => {
    const log = problemLog('f')
    for (let line = 1; line <= 600; line++) log.add(at(line), 'note', 'r', 'm')
    log.add(at(601), 'error', 'end', 'm', {stops: true})
    log.add(at(602), 'error', 'end', 'm', {stops: true})
    expect(log.problems().filter(({stops}) => stops)).toMatchObject([{line: 601}])
  })

  test('a note that repeats is kept once, with the edits of all its places', () => {
    const log = problemLog('f')
    for (const line of [3, 4]) log.addOnce(at(line), 'note', 'r', 'm', {edits: [{start: line, end: line, text: ''}]})
    expect(log.problems()).toMatchObject([{line: 3, edits: [{start: 3}, {start: 4}]}])
  })
})

test('start turns errors into warnings and leaves notes out', () => {
  const problems = [problem('f', 1, 'error'), problem('f', 2, 'warning'), problem('f', 3, 'note')]
  expect(warningsAtStart(problems).map(({line, severity}) => [line, severity])).toEqual([
    [1, 'warning'],
    [2, 'warning'],
  ])
})

test('problems are ordered by file as given, line, column and badness, the count of the rest last', () => {
  const rest = problem('b', 1, 'error', {rule: 'more-problems'})
  const problems = [problem('b', 2, 'note'), rest, problem('a', 9, 'note'), problem('b', 2, 'error'), problem('b', 1, 'note')]
  expect(sortProblems(problems).map(({file, line, severity, rule}) => `${file}${line} ${severity} ${rule}`)).toEqual([
    'b1 note r',
    'b2 error r',
    'b2 note r',
    'b1 error more-problems',
    'a9 note r',
  ])
})

test('a problem that stops becomes an error with its place and its fix as the hint', () => {
  const problems = [problem('f', 1, 'error'), problem('f', 2, 'error', {stops: true, message: 'NUL', fix: 'Remove it.'})]
  const error = thrownBy(() => throwStopping('PROCFILE_INVALID', problems))
  expect(error).toBeInstanceOf(HomeportError)
  expect(error).toMatchObject({code: 'PROCFILE_INVALID', message: 'NUL', hint: 'Remove it.', place: {file: 'f', line: 2, column: 1}})
  expect(() => throwStopping('PROCFILE_INVALID', problems.slice(0, 1))).not.toThrow()
})

function thrownBy(action: () => void): unknown {
  try {
    action()
  } catch (error) {
    return error
  }
  return undefined
}
