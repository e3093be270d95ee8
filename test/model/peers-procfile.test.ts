import {expect, test} from 'vitest'
import {readProcfile} from '../../src/model/procfile.ts'
import {adviseProcfile} from '../../src/model/procfile-advice.ts'
import {peerCases, placesOf} from '../support/peer-cases.ts'

/**
 * What Homeport makes of each case. Where the case's `recommended` says something else, the contract wins (cli.md section 6):
 * pf-release is not run before `start` of a folder; pf-empty-file is answered by `check` and `start`, not by the reader; a command
 * over 128 KiB (pf-100kb-command is shorter) is an error of `check` rather than a script file.
 */
const expected: Readonly<Record<string, readonly [types: readonly (readonly [string, string])[], problems: readonly string[]]>> = {
  'pf-basic': [
    [
      ['web', 'node server.js'],
      ['worker', 'node worker.js'],
    ],
    [],
  ],
  'pf-comment-hash': [[['web', 'run']], []],
  'pf-comment-indented': [[['web', 'run']], ['note 1:1 indented-comment']],
  'pf-comment-has-colon': [[['web', 'run']], []],
  'pf-commented-out-no-space': [[['web', 'run']], []],
  'pf-trailing-comment': [[['web', 'run # not a comment for the parser']], []],
  'pf-whitespace-only-line': [
    [
      ['web', 'run'],
      ['worker', 'go'],
    ],
    ['note 2:1 line-of-blanks'],
  ],
  'pf-tab-only-line': [
    [
      ['web', 'run'],
      ['worker', 'go'],
    ],
    ['note 2:1 line-of-blanks'],
  ],
  'pf-no-space-after-colon': [[['web', 'run']], ['note 1:5 no-blank-after-colon']],
  'pf-tab-after-colon': [[['web', 'run']], []],
  'pf-space-before-colon': [[['web', 'run']], ['warning 1:4 blank-before-colon']],
  'pf-leading-space': [
    [
      ['web', 'run'],
      ['worker', 'go'],
    ],
    ['warning 1:1 leading-blank'],
  ],
  'pf-leading-tab': [
    [
      ['web', 'run'],
      ['worker', 'go'],
    ],
    ['warning 1:1 leading-blank'],
  ],
  'pf-name-dash': [[['web-api', 'run']], ['note 1:1 dash-in-name']],
  'pf-name-leading-dash': [[], ['error 1:1 bad-name']],
  'pf-name-underscore': [[['web_api', 'run']], ['warning 1:1 name-rewritten']],
  'pf-name-digit-first': [[['1web', 'run']], []],
  'pf-name-dot': [[['worker', 'go']], ['error 1:1 bad-name']],
  'pf-name-slash': [[['worker', 'go']], ['error 1:1 bad-name']],
  'pf-name-upper': [
    [
      ['Web', 'run'],
      ['WEB', 'go'],
    ],
    ['warning 1:1 name-rewritten', 'warning 2:1 name-rewritten', 'warning 2:1 same-host-name'],
  ],
  'pf-name-quoted': [[['worker', 'go']], ['error 1:1 bad-name']],
  'pf-name-space': [[['worker', 'go']], ['error 1:1 bad-name']],
  'pf-duplicate': [[['web', 'second']], ['warning 2:1 duplicate-type']],
  'pf-crlf': [
    [
      ['web', 'run'],
      ['worker', 'go'],
    ],
    ['note 1:9 crlf'],
  ],
  'pf-bom': [
    [
      ['web', 'run'],
      ['worker', 'go'],
    ],
    ['note 1:1 byte-order-mark'],
  ],
  'pf-utf16le': [[], ['error 1:1 utf-16']],
  'pf-value-hash': [[['web', 'run --color=#fff']], []],
  'pf-value-quotes': [[['web', `sh -c "echo 'a b'"`]], []],
  'pf-value-shell': [[['web', 'cd app && A=1 run | tee log 2>&1 &']], []],
  'pf-value-unicode': [[['web', 'echo ünïcödé 日本']], []],
  'pf-empty-command': [[['worker', 'go']], ['error 1:1 command-missing']],
  'pf-empty-command-space': [[['worker', 'go']], ['error 1:1 command-missing']],
  'pf-empty-command-spaces': [[['worker', 'go']], ['error 1:1 command-missing']],
  'pf-invalid-line': [
    [
      ['web', 'run'],
      ['worker', 'go'],
    ],
    ['error 2:1 not-a-declaration'],
  ],
  'pf-invalid-line-punct': [
    [
      ['web', 'run'],
      ['worker', 'go'],
    ],
    ['error 2:1 not-a-declaration'],
  ],
  'pf-equals-instead': [[['worker', 'go']], ['error 1:1 not-a-declaration']],
  'pf-semicolon-typo': [[['worker', 'go']], ['error 1:1 not-a-declaration']],
  'pf-empty-file': [[], []],
  'pf-release': [
    [
      ['release', 'migrate'],
      ['web', 'run'],
    ],
    [],
  ],
  'pf-order': [
    [
      ['c', '1'],
      ['a', '2'],
      ['b', '3'],
    ],
    [],
  ],
  'pf-formfeed-nbsp': [[['web', 'run']], ['warning 1:5 no-break-space']],
  'pf-nul-byte': [[], ['error 1:9 nul-byte']],
  'pf-100kb-command': [[['web', 'x'.repeat(100_000)]], []],
  'pf-number-keys-order': [
    [
      ['2', 'b'],
      ['1', 'a'],
      ['web', 'run'],
    ],
    ['note 1:1 name-reordered', 'note 2:1 name-reordered'],
  ],
  'pf-proto': [
    [
      ['__proto__', 'run'],
      ['constructor', 'go'],
      ['web', 'x'],
    ],
    ['warning 1:1 name-refused', 'note 1:1 name-lost'],
  ],
}

test('every case has an answer, and every answer a case', () => {
  expect(peerCases('procfile').map(({id}) => id)).toEqual(Object.keys(expected))
})

test.for(peerCases('procfile').map(({id, bytes}) => [id, bytes] as const))('%s', ([id, bytes]) => {
  const procfile = readProcfile(bytes)
  const advice = adviseProcfile(procfile, {isRunnable: () => true, mentionsPort: () => true})
  expect([[...procfile.types], placesOf([...procfile.problems, ...advice])]).toEqual(expected[id])
})
