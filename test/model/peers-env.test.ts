import {expect, test} from 'vitest'
import {adviseEnvFile} from '../../src/model/env-advice.ts'
import {readEnvFile} from '../../src/model/env-file.ts'
import {peerCases, placesOf} from '../support/peer-cases.ts'

/**
 * What Homeport makes of each case. Where the case's `recommended` says something else, the contract wins (cli.md section 6): a
 * bare `export A` is an error of `check` even when A is set above; a key that begins with a digit is a warning, no error.
 */
const expected: Readonly<Record<string, readonly [values: readonly (readonly [string, string])[], problems: readonly string[]]>> = {
  'env-comment-indented': [[['B', '2']], []],
  'env-export': [[['A', 'b']], ['note 1:8 export']],
  'env-export-quoted': [[['A', 'b c']], ['note 1:8 export']],
  'env-export-bare': [
    [
      ['A', '1'],
      ['B', '2'],
    ],
    ['error 2:1 not-an-assignment'],
  ],
  'env-spaces-around-eq': [[['A', 'b']], ['note 1:1 blanks-round-equals']],
  'env-space-before-eq': [[['A', 'b']], ['note 1:1 blanks-round-equals']],
  'env-leading-space': [[['A', 'b']], ['note 1:3 blanks-round-equals']],
  'env-trailing-space': [[['A', 'b']], []],
  'env-value-spaces': [[['A', 'hello big world']], []],
  'env-inline-comment': [[['A', 'b']], []],
  'env-inline-comment-nospace': [[['A', 'b#notcomment']], ['note 1:3 hash-in-value']],
  'env-hash-password': [[['PASS', 'abc#123']], ['note 1:6 hash-in-value']],
  'env-sq': [[['A', 'b c']], []],
  'env-unq-escape-n': [[['A', 'x\\ny']], []],
  'env-dq-escape-t': [[['A', 'x\ty']], ['note 1:4 escape-in-value']],
  'env-dq-backslash': [[['A', 'c:\\new']], ['note 1:4 escape-in-value']],
  'env-unq-winpath': [[['A', 'C:\\new\\table']], []],
  'env-dq-winpath': [[['A', 'C:\new\table']], ['warning 1:4 windows-path']],
  'env-sq-in-dq': [[['A', "it's"]], []],
  'env-apostrophe-unq': [[['A', "it's fine"]], []],
  'env-dq-multiline': [
    [
      ['A', 'line1\nline2\nline3'],
      ['B', '2'],
    ],
    ['note 1:4 value-of-lines'],
  ],
  'env-unterminated-dq': [[], ['error 1:3 quote-not-closed']],
  'env-empty-dq': [
    [
      ['A', ''],
      ['B', '2'],
    ],
    [],
  ],
  'env-empty-sq': [
    [
      ['A', ''],
      ['B', '2'],
    ],
    [],
  ],
  'env-no-eq': [[['B', '2']], ['error 1:1 not-an-assignment']],
  'env-eq-in-value': [[['A', 'b=c==']], []],
  'env-interp': [
    [
      ['A', '1'],
      ['B', `\${A}x`],
    ],
    ['note 2:3 dollar-is-text'],
  ],
  'env-interp-bare': [
    [
      ['A', '1'],
      ['B', '$A/x'],
    ],
    ['note 2:3 dollar-is-text'],
  ],
  'env-interp-dq': [
    [
      ['A', '1'],
      ['B', `\${A}x`],
    ],
    ['note 2:4 dollar-is-text'],
  ],
  'env-interp-sq': [
    [
      ['A', '1'],
      ['B', `\${A}x`],
    ],
    [],
  ],
  'env-interp-default': [[['B', `\${NOPE:-def}`]], ['note 1:3 dollar-is-text']],
  'env-interp-os': [[['B', '$HOME/x']], ['note 1:3 dollar-is-text']],
  'env-dollar-literal': [[['PASS', 'pa$$word']], []],
  'env-dollar-digits': [[['PRICE', '$100']], []],
  'env-escaped-dollar': [[['A', '$HOME']], ['note 1:4 escape-in-value']],
  'env-command-subst': [[['A', '$(echo hi)']], []],
  'env-crlf': [
    [
      ['A', 'b'],
      ['C', 'd'],
      ['E', 'f'],
    ],
    ['note 1:4 crlf'],
  ],
  'env-no-trailing-nl': [[['A', 'b']], []],
  'env-key-dash': [
    [
      ['MY-KEY', 'b'],
      ['C', 'd'],
    ],
    ['warning 1:1 odd-key'],
  ],
  'env-key-dot': [
    [
      ['my.key', 'b'],
      ['C', 'd'],
    ],
    ['warning 1:1 odd-key'],
  ],
  'env-key-digit': [
    [
      ['1A', 'b'],
      ['C', 'd'],
    ],
    ['warning 1:1 odd-key'],
  ],
  'env-key-lower': [[['aBc', 'd']], []],
  'env-key-unicode': [[['C', 'd']], ['error 1:1 bad-key']],
  'env-yaml-colon': [[['C', 'd']], ['error 1:1 not-an-assignment']],
  'env-yaml-nospace': [[['C', 'd']], ['error 1:1 not-an-assignment']],
  'env-json-value': [[['A', '{"x": "y", "n": [1,2]}']], []],
  'env-json-sq': [[['A', '{"x": "y"}']], []],
  'env-unicode': [[['A', '⋃ñ日本🚀']], []],
  'env-connstr': [[['DATABASE_URL', 'postgres://u:p@ss:w0rd@h:5432/db?sslmode=disable&x=1']], []],
  'env-punct': [[['A', '~pun|u@|0n$=']], []],
  'env-short-pair': [
    [
      ['A', ''],
      ['X', '1'],
    ],
    [],
  ],
  'env-tab-sep': [[['A', 'b']], ['note 1:1 blanks-round-equals']],
  'env-dq-trailing-text': [[], ['error 1:6 text-after-quote']],
}

test('every case has an answer, and every answer a case', () => {
  expect(peerCases('env').map(({id}) => id)).toEqual(Object.keys(expected))
})

test.for(peerCases('env').map(({id, bytes}) => [id, bytes] as const))('%s', ([id, bytes]) => {
  const file = readEnvFile(bytes)
  const values = file.entries.map(({key, value}) => [key, value])
  expect([values, placesOf([...file.problems, ...adviseEnvFile(file, {expand: false})])]).toEqual(expected[id])
})
