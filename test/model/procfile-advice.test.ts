import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {readProcfile} from '../../src/model/procfile.ts'
import {adviseProcfile, type ProcfileAdviceOptions} from '../../src/model/procfile-advice.ts'
import {readSourceText} from '../../src/model/source-text.ts'
import {applyEdits} from '../../src/model/text-edit.ts'
import {placesOf} from '../support/peer-cases.ts'

const advise = (text: string, options: Partial<ProcfileAdviceOptions> = {}) =>
  adviseProcfile(readProcfile(Buffer.from(text)), {isRunnable: () => true, mentionsPort: () => true, ...options})

test.for<[text: string, problems: readonly string[]]>([
  ['web: run\nworker: go\n', []],
  ['web:run', ['note 1:5 no-blank-after-colon']],
  ['web :run', ['warning 1:4 blank-before-colon', 'note 1:6 no-blank-after-colon']],
  ['  web: run', ['warning 1:1 leading-blank']],
  ['web_api: run', ['warning 1:1 name-rewritten']],
  ['Web: run', ['warning 1:1 name-rewritten']],
  ['web_: run', ['warning 1:1 name-refused']],
  ['web-: run', ['warning 1:1 name-refused', 'note 1:1 dash-in-name']],
  ['web-api: run', ['note 1:1 dash-in-name']],
  [`${'a'.repeat(63)}: run`, []],
  [`${'a'.repeat(64)}: run`, ['warning 1:1 name-too-long']],
  ['__proto__: run', ['warning 1:1 name-refused', 'note 1:1 name-lost']],
  ['7: run', ['note 1:1 name-reordered']],
  ['07: run', []],
  ['web: run\nwEb: go', ['warning 2:1 name-rewritten', 'warning 2:1 same-host-name']],
  [`web: ${'x'.repeat(131_071)}`, []],
  [`web: ${'é'.repeat(65_536)}`, ['error 1:6 command-too-long']],
])('%.40s', ([text, problems]) => {
  expect(placesOf(advise(text))).toEqual(problems)
})

test('other tools are named', () => {
  expect(advise('web:run')[0]?.message).toBe('No blank behind the colon: hivemind, overmind and the slug compiler of Cedar lose the line.')
  expect(advise('web_api: run')[0]).toMatchObject({
    message: 'The next platform generation rewrites “web_api” to “web-api”.',
    fix: 'Write `web-api:`.',
  })
})

describe('web without $PORT in sight', () => {
  test.for<[text: string, problems: readonly string[]]>([
    ['web: a', ['note 1:1 web-without-port']],
    ['worker: a', []],
    ['web: a\nweb: b', ['note 2:1 web-without-port']],
  ])('%j', ([text, problems]) => {
    expect(placesOf(advise(text, {mentionsPort: () => false}))).toEqual(problems)
  })

  test('only the command that counts is looked at', () => {
    const asked: string[] = []
    advise('web: a\nworker: w\nweb: b $PORT', {mentionsPort: command => asked.push(command) > 0})
    expect(asked).toEqual(['b $PORT'])
  })
})

test('a program that nothing runs is noted where its command begins', () => {
  const problems = advise('web:  A=1 nope --x\nworker: ./nope\nclock: cd x\n', {isRunnable: program => !program.endsWith('nope')})
  expect(placesOf(problems)).toEqual(['note 1:7 command-not-found', 'note 2:9 command-not-found'])
  expect(problems.map(({message}) => message)).toEqual(['Nothing on PATH runs “nope”.', 'There is no executable file “./nope”.'])
})

test.for<[text: string, repaired: string]>([
  ['  web :\u00a0 run\nx:y\n', 'web: run\nx: y\n'],
  ['web:\u00a0run it', 'web: run it'],
  ['\ufeffweb\t:a\r\n \r\n  # c\r\nb: c', 'web: a\n\n# c\nb: c'],
])('the repairs of %j give %j', ([text, repaired]) => {
  const bytes = Buffer.from(text)
  const procfile = readProcfile(bytes)
  const problems = [...procfile.problems, ...advise(text)]
  const edits = problems.flatMap(problem => problem.edits ?? [])
  const result = applyEdits(readSourceText('Procfile', bytes).text, edits)
  expect(result).toBe(repaired)
  expect([...readProcfile(Buffer.from(result)).types]).toEqual([...procfile.types])
})

test('no repair changes what is read, and none is left to do', () => {
  const soup = fc.string({unit: fc.constantFrom(...'webWE: \t\r\n#\\-_7.\u00a0\ufeff'), maxLength: 50})
  const repairsOf = (text: string) => {
    const procfile = readProcfile(Buffer.from(text))
    return [...procfile.problems, ...advise(text)].flatMap(({edits}) => (edits === undefined ? [] : [edits]))
  }
  fc.assert(
    fc.property(soup, text => {
      const mended = applyEdits(readSourceText('Procfile', Buffer.from(text)).text, repairsOf(text).flat())
      expect([...readProcfile(Buffer.from(mended)).types]).toEqual([...readProcfile(Buffer.from(text)).types])
      expect(repairsOf(mended)).toEqual([])
    }),
    {numRuns: 3000},
  )
})
