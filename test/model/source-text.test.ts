import {describe, expect, test} from 'vitest'
import {positionOf, readSourceText} from '../../src/model/source-text.ts'

const read = (bytes: string | Uint8Array) => readSourceText('Procfile', typeof bytes === 'string' ? Buffer.from(bytes) : bytes)
const places = (bytes: string | Uint8Array) =>
  read(bytes).problems.map(({line, column, severity, rule}) => `${severity} ${line}:${column} ${rule}`)

test.for<[name: string, bytes: string, text: string, problems: readonly string[]]>([
  ['plain', 'a\nb', 'a\nb', []],
  ['empty', '', '', []],
  ['a byte order mark', '\ufeffa', 'a', ['note 1:1 byte-order-mark']],
  ['two of them, as files that were joined have', '\ufeff\ufeffa', 'a', ['note 1:1 byte-order-mark']],
  ['CRLF', 'a\nb\r\nc\r\n', 'a\nb\nc\n', ['note 2:2 crlf']],
  ['a lone CR', 'a\rb', 'a\nb', ['note 1:2 lone-carriage-return']],
  ['all line ends', '\ufeffa\r\nb\rc\n', 'a\nb\nc\n', ['note 1:1 byte-order-mark', 'note 1:2 crlf', 'note 2:2 lone-carriage-return']],
  ['a mark within', 'a\ufeffb', 'a\ufeffb', []],
])('%s is text', ([, bytes, text, problems]) => {
  expect([read(bytes).text, places(bytes)]).toEqual([text, problems])
})

test('bytes that are no UTF-8 are an error at their place, and the rest is read', () => {
  const bytes = Buffer.concat([Buffer.from('a: b\nc: '), Buffer.from([0xe9]), Buffer.from('x\n')])
  expect(read(bytes).text).toBe('a: b\nc: \ufffdx\n')
  expect(places(bytes)).toEqual(['error 2:4 not-utf-8'])
})

describe('what stops everything', () => {
  test.for<[name: string, bytes: Uint8Array, problem: string]>([
    ['a NUL byte', Buffer.from('web: run\r\nx: \0y'), 'error 2:4 nul-byte'],
    ['a NUL byte at the beginning', Buffer.from('\0abc'), 'error 1:1 nul-byte'],
    ['UTF-16 little endian with its mark', Buffer.from('\ufeffweb: run', 'utf16le'), 'error 1:1 utf-16'],
    ['UTF-16 big endian with its mark', Buffer.from('\ufeffweb: run', 'utf16le').swap16(), 'error 1:1 utf-16'],
    ['UTF-16 without mark', Buffer.from('web: run', 'utf16le'), 'error 1:1 utf-16'],
    ['UTF-16 big endian without mark', Buffer.from('web: run', 'utf16le').swap16(), 'error 1:1 utf-16'],
  ])('%s', ([, bytes, problem]) => {
    expect(places(bytes)).toEqual([problem])
    expect(read(bytes)).toMatchObject({text: '', problems: [{stops: true}]})
  })
})

test('a part of a larger buffer is read for itself', () => {
  expect(read(new Uint8Array(Buffer.from('xxabcxx')).subarray(2, 5)).text).toBe('abc')
})

test.for([
  [0, 1, 1],
  [2, 1, 3],
  [3, 2, 1],
  [5, 3, 2],
] as const)('offset %i of “ab␤␤cd” is %i:%i', ([offset, line, column]) => {
  expect(positionOf('ab\n\ncd', offset)).toEqual({line, column})
})
