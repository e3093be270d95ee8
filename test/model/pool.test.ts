import {describe, expect, test} from 'vitest'
import {checkPoolAppName, checkPoolName, checkSlugFits, spareManagers} from '../../src/model/pool.ts'
import {host, stack} from '../support/pool-values.ts'

test.for(['demo', 'a-b', 'prod2', 'abcdefghijklmnopqrstuvwx'])('%s is a name for a pool', name => {
  expect(checkPoolName(name)).toBe(name)
})

test.for(['', 'ab', 'Demo', '2prod', 'a--b', '-ab', 'ab-', 'abcdefghijklmnopqrstuvwxy', 'a_b', 'demo\n'])('%j is none', name => {
  expect(() => checkPoolName(name)).toThrow(expect.objectContaining({code: 'FLAG_INVALID', exitCode: 2}))
})

test('an app of a pool has a name that fits into host names', () => {
  expect(checkPoolAppName('shop')).toBe('shop')
  for (const name of ['Shop', 'a'.repeat(31), 'shop-', '']) expect(() => checkPoolAppName(name)).toThrow('is no name for an app')
})

describe('a slug fits a stack', () => {
  const slug = {os: 'linux', arch: 'x64', libc: 'glibc', stack: 'heroku-24'}
  test.for([slug, {...slug, os: 'any', arch: 'any', libc: 'any', stack: 'other'}, {...slug, libc: 'any'}])('%j', needs => {
    expect(() => checkSlugFits(needs, stack)).not.toThrow()
  })

  test.for<[Partial<typeof slug>, string]>([
    [{arch: 'arm64'}, 'it is for arch arm64, the pool has x64'],
    [{libc: 'musl', os: 'darwin'}, 'it is for os darwin, the pool has linux; libc musl, the pool has glibc'],
    [{stack: 'heroku-26'}, 'it is for stack heroku-26, the pool has heroku-24'],
  ])('but not %j', ([more, text]) => {
    expect(() => checkSlugFits({...slug, ...more}, stack)).toThrow(
      expect.objectContaining({exitCode: 7, message: expect.stringContaining(text)}),
    )
  })
})

test.for<[up: number, down: number, spare: number]>([
  [3, 0, 1],
  [2, 1, 0],
  [1, 2, -1],
  [1, 0, 0],
  [5, 0, 2],
])('%i managers up and %i down: %i may be lost', ([up, down, spare]) => {
  const hosts = [...Array(up + down).keys()].map(index => host(`m${index}`, {isManager: true, state: index < up ? 'ready' : 'down'}))
  expect(spareManagers([...hosts, host('worker', {state: 'down'})])).toBe(spare)
})
