import {describe, expect, test} from 'vitest'
import {readSlugignore, slugignoreMatcher} from '../../src/model/slugignore.ts'
import {placesOf} from '../support/peer-cases.ts'

const read = (text: string) => readSlugignore(Buffer.from(text))
const isIgnored = (text: string, path: string, isFolder = false) => slugignoreMatcher(read(text))(path, isFolder)

test.for<[text: string, path: string, ignored: boolean]>([
  ['*.log', 'a.log', true],
  ['*.log', 'deep/er/a.log', true],
  ['*.log', 'a.log.txt', false],
  ['test', 'test/x/y.js', true],
  ['test', 'src/test/x/y.js', true],
  ['test', 'src/tests/x.js', false],
  ['/test', 'test/x.js', true],
  ['/test', 'src/test/x.js', false],
  ['doc/*.md', 'doc/a.md', true],
  ['doc/*.md', 'x/doc/a.md', false],
  ['doc/**/*.md', 'doc/a/b/c.md', true],
  ['doc/**/*.md', 'doc/c.md', true],
  ['tmp/', 'tmp/a/b', true],
  ['tmp/', 'x/tmp/a', false],
  ['tmp/', 'tmp', false],
  ['*', '.env', false],
  ['.env', '.env', true],
  ['a{b,c}', 'x/ac', true],
  ['#x', '#x', false],
  ['  \n\n  spec  \r\n', 'spec/a', true],
  ['./spec', 'spec/a', true],
  ['', 'a', false],
])('%j and %s: %s', ([text, path, ignored]) => {
  expect(isIgnored(text, path)).toBe(ignored)
})

test('a pattern with a slash at its end takes folders only', () => {
  expect([isIgnored('tmp/', 'tmp', true), isIgnored('tmp/', 'tmp', false)]).toEqual([true, false])
})

test('folders are removed whole, and asked about once', () => {
  const matches = slugignoreMatcher(read('a/*/c'))
  expect(['a/b/c/d/e', 'a/b/c/d', 'a/b', 'a/b/x'].map(path => matches(path))).toEqual([true, true, false, false])
})

describe('mistakes', () => {
  test.for<[text: string, problems: readonly string[]]>([
    ['*.log\n# x\n!keep.log', ['warning 3:1 no-negation']],
    ['../secret', ['error 1:1 outside-of-app']],
    ['{a,b}'.repeat(20), ['error 1:1 too-many-choices']],
    ['a\0', ['error 1:2 nul-byte']],
    ['\ufeffa', ['note 1:1 byte-order-mark']],
    ['x\n'.repeat(1500), ['error 1001:1 too-many-patterns']],
  ])('%.20j', ([text, problems]) => {
    expect(placesOf(read(text).problems)).toEqual(problems)
  })

  test('a pattern with “!” matches names that begin with it', () => {
    expect([isIgnored('!keep', '!keep'), isIgnored('keep\n!keep', 'keep')]).toEqual([true, true])
  })
})

test('many files and patterns take no time', () => {
  const matches = slugignoreMatcher(read(Array.from({length: 200}, (_, index) => `*${index}*.tmp`).join('\n')))
  for (let file = 0; file < 2000; file++) expect(matches(`node_modules/package/lib/file${file}.js`)).toBe(false)
})
