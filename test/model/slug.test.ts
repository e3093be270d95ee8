import {expect, test} from 'vitest'
import {findSlugId, isSlugReference, shortSlugId, slugHex, slugId} from '../../src/model/slug.ts'

const ids = ['aaaaaa', 'aaaabb', 'bbbbbb'].map(start => slugId(start.padEnd(64, '0')))
const [first, second, third] = ids

test.for<readonly [word: string, id: string | undefined]>([
  [first ?? '', first],
  ['aaaaaa', first],
  ['sha256:aaaabb', second],
  ['AAAABB0', second],
  ['SHA256:bbbbbb', third],
  [third?.slice(7) ?? '', third],
])('%s stands for one slug', ([word, id]) => {
  expect(findSlugId(word, ids)).toBe(id)
})

test.for<readonly [word: string, reason: RegExp]>([
  ['aaaaa', /no slug id/],
  ['', /no slug id/],
  ['sha256:', /no slug id/],
  ['xyzxyz', /no slug id/],
  [`${'a'.repeat(65)}`, /no slug id/],
  ['cccccc', /No slug here/],
  ['aaaacc', /No slug here/],
])('%s stands for none', ([word, reason]) => {
  expect(() => findSlugId(word, ids)).toThrow(reason)
  expect(() => findSlugId(word, ids)).toThrow(expect.objectContaining({code: 'SLUG_UNKNOWN', exitCode: 2}))
})

test('a beginning that several share is unknown too, and names them', () => {
  const shared = [slugId(`${'c'.repeat(10)}1`.padEnd(64, '0')), slugId(`${'c'.repeat(10)}2`.padEnd(64, '0'))]
  expect(() => findSlugId('cccccc', shared)).toThrow('cccccc stands for 2 slugs: sha256:cccccccccc10, sha256:cccccccccc20.')
  expect(() => findSlugId('cccccc', shared)).toThrow(expect.objectContaining({code: 'SLUG_UNKNOWN'}))
})

test.for([
  ['abc123', true],
  ['sha256:abc123', true],
  ['abc12', false],
  ['abc123.tar', false],
  ['./abc123', false],
] as const)('%s is written like a slug id: %s', ([word, expected]) => {
  expect(isSlugReference(word)).toBe(expected)
})

test('ids are shown short', () => {
  expect(shortSlugId(slugId('0123456789abcdef'.repeat(4)))).toBe('sha256:0123456789ab')
  expect(slugHex(slugId('ff'))).toBe('ff')
})
