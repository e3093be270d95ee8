import {describe, expect, test} from 'vitest'
import {painter} from '../../../src/cli/colour.ts'
import {renderFileWarning, renderProblem, renderReport, reportDocument} from '../../../src/cli/render/problems.ts'
import type {Problem} from '../../../src/model/problem.ts'
import type {CheckReport} from '../../../src/platform/check-files.ts'

const plain = painter(false)
const problem: Problem = {file: 'Procfile', line: 3, column: 1, severity: 'warning', rule: 'some-rule', message: 'Something is odd.'}
const report: CheckReport = {ok: true, types: new Map(), problems: [], repaired: [], files: ['Procfile', '.env']}

describe('a problem', () => {
  test('is a line that editors can read', () => {
    expect(renderProblem(problem, plain)).toBe('Procfile:3:1: warning: Something is odd. [some-rule]\n')
  })

  test('with what to write below it', () => {
    expect(renderProblem({...problem, fix: 'Write it.'}, plain)).toBe(
      'Procfile:3:1: warning: Something is odd. [some-rule]\n    Write it.\n',
    )
  })

  test('is coloured by its severity', () => {
    expect(renderProblem({...problem, severity: 'error'}, painter(true))).toContain('\u001b[31merror:\u001b[39m')
  })

  test('cannot steer the terminal', () => {
    const text = renderProblem({...problem, message: 'The name “\u001b[2J”', file: 'a\u0007', fix: '\u009b2J'}, plain)
    expect(text).toBe('a\ufffd:3:1: warning: The name “\ufffd[2J” [some-rule]\n    \ufffd2J\n')
  })

  test('is a sentence among the warnings of start', () => {
    expect(renderFileWarning({...problem, fix: 'Write it.'})).toBe('Procfile:3:1: Something is odd. Write it.')
    expect(renderFileWarning(problem)).toBe('Procfile:3:1: Something is odd.')
  })
})

test.for<[name: string, report: Partial<CheckReport>, text: string]>([
  ['nothing to say', {}, 'No problems in Procfile, .env.\n'],
  [
    'types',
    {
      types: new Map([
        ['web', 'a'],
        ['2', 'b'],
      ]),
    },
    'Process types: web, 2. No problems in Procfile, .env.\n',
  ],
  [
    'counts',
    {problems: [problem, {...problem, severity: 'error'}, {...problem, severity: 'note'}, {...problem, severity: 'note'}]},
    ['warning', 'error', 'note', 'note'].map(severity => `Procfile:3:1: ${severity}: Something is odd. [some-rule]\n`).join('') +
      '1 error, 1 warning, 2 notes.\n',
  ],
  [
    'repairs',
    {
      repaired: [
        {...problem, rule: 'crlf'},
        {...problem, rule: 'no-blank-after-colon'},
      ],
    },
    'Procfile:3: repaired: lines end in LF now [crlf]\nProcfile:3: repaired: blank put behind the colon [no-blank-after-colon]\nNo problems in Procfile, .env.\n',
  ],
])('a report with %s', ([, parts, text]) => {
  expect(renderReport({...report, ...parts}, plain)).toBe(text)
})

test('the document has the keys of the contract, in order, and nothing of ours', () => {
  const problems = [{...problem, fix: 'Write it.', edits: [], stops: true as const}, problem]
  const document = reportDocument({...report, ok: false, types: new Map([['web', 'a']]), problems})
  expect(JSON.stringify(document)).toBe(
    JSON.stringify({
      ok: false,
      types: new Map([['web', 'a']]),
      problems: [
        {file: 'Procfile', line: 3, column: 1, severity: 'warning', rule: 'some-rule', message: 'Something is odd.', fix: 'Write it.'},
        {file: 'Procfile', line: 3, column: 1, severity: 'warning', rule: 'some-rule', message: 'Something is odd.'},
      ],
    }),
  )
  expect(reportDocument({...report, repaired: [problem]})).toMatchObject({repaired: [{file: 'Procfile', line: 3, rule: 'some-rule'}]})
})
