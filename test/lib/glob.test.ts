import {describe, expect, test} from 'vitest'
import {matchesGlob, readGlob} from '../../src/lib/glob.ts'
import ruby from '../cases/ruby-globs.json' with {type: 'json'}

/** Paths of a tree that Ruby's own `Dir[]` was asked about; a folder ends in a slash. */
function matchesInTree(pattern: string): readonly string[] {
  const glob = readGlob(pattern) ?? []
  return ruby.tree.filter(path => matchesGlob(glob, path.replace(/\/$/, ''), path.endsWith('/'))).map(path => path.replace(/\/$/, ''))
}

const globs = ruby.globs as unknown as readonly (readonly [pattern: string, matches: readonly string[]])[]
/** Ruby takes a leading slash for the root of the machine, and knows the folder itself as `.`; in .slugignore neither is meant. */
const others = new Set(['/log'])

describe(`what Ruby ${ruby.ruby} matches, we match`, () => {
  test.for(globs.filter(([pattern]) => !others.has(pattern)))('%s', ([pattern, matches]) => {
    const relative = matches.map(path =>
      path
        .replace(/\/+$/, '')
        .replaceAll('//', '/')
        .replaceAll(/(^|\/)\.\//g, '$1'),
    )
    expect(new Set(matchesInTree(pattern))).toEqual(new Set(relative.filter(path => path !== '' && path !== '.')))
  })
})

test('a leading slash is the root of the tree', () => {
  expect(matchesInTree('/log')).toEqual(['log'])
})

test('characters outside of the first plane are one character', () => {
  expect(matchesGlob(readGlob('?.txt') ?? [], '🚀.txt', false)).toBe(true)
  expect(matchesGlob(readGlob('[🚀].txt') ?? [], '🚀.txt', false)).toBe(true)
  expect(matchesGlob(readGlob('*x') ?? [], '🚀x', false)).toBe(true)
})

test('braces that stand for too much are refused', () => {
  expect(readGlob('{a,b}'.repeat(9))).toHaveLength(512)
  expect(readGlob('{a,b}'.repeat(30))).toBeUndefined()
})

test.for<[pattern: string, path: string]>([
  [`${'*a'.repeat(50)}b`, 'a'.repeat(2_000)],
  [`${'**/a/'.repeat(50)}b`, 'a/'.repeat(1_000)],
  ['{'.repeat(2_000), 'x'],
  ['['.repeat(2_000), 'x'],
])('%.20s… does not take for ever', ([pattern, path]) => {
  expect(matchesGlob(readGlob(pattern) ?? [], path, false)).toBe(false)
})
