import {execFileSync} from 'node:child_process'
import fc from 'fast-check'
import {expect, test} from 'vitest'
import {shellWord} from '../../src/lib/shell-word.ts'

test.for([
  ['plain', 'plain'],
  ['--to=a/b:c,d@e%f+g.js', '--to=a/b:c,d@e%f+g.js'],
  ['', "''"],
  ['a b', "'a b'"],
  ["it's", `'it'\\''s'`],
  ['~', "'~'"],
] as const)('%j is the word %s', ([text, word]) => {
  expect(shellWord(text)).toBe(word)
})

test('a shell reads back every text', () => {
  const text = fc.string({unit: 'grapheme', maxLength: 40}).filter(candidate => !candidate.includes('\0'))
  fc.assert(
    fc.property(fc.array(text, {minLength: 1, maxLength: 5}), texts => {
      const read = execFileSync('sh', ['-c', `printf '%s\\0' ${texts.map(shellWord).join(' ')}`], {encoding: 'utf8'})
      expect(read.split('\0').slice(0, -1)).toEqual(texts)
    }),
    {numRuns: 40},
  )
})
