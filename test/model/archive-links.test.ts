import {expect, test} from 'vitest'
import {LinkJudge} from '../../src/model/archive-links.ts'

const leaving = (links: Readonly<Record<string, string>>) => {
  const judge = new LinkJudge(new Map(Object.entries(links)))
  return Object.keys(links).filter(path => judge.leaves(path))
}

test.for<readonly [links: Readonly<Record<string, string>>, leaving: readonly string[]]>([
  [{a: 'b'}, []],
  [{a: '.'}, []],
  [{a: '..'}, ['a']],
  [{'d/a': '..'}, []],
  [{'d/a': '../..'}, ['d/a']],
  [{'d/a': '../../d'}, ['d/a']],
  [{a: './/b/./c'}, []],
  [{a: 'b/../../c'}, ['a']],
  [{a: '/app'}, []],
  [{a: '/app/'}, []],
  [{a: '//app//b'}, []],
  [{a: '/app/../etc'}, ['a']],
  [{a: '/appendix'}, ['a']],
  [{a: '/usr'}, []],
  [{a: '/usr/bin/env'}, []],
  [{a: '/usr/lib/../../bin/sh'}, []],
  [{a: '/usr/../etc/passwd'}, ['a']],
  [{a: '/'}, ['a']],
  [{a: '/etc/passwd'}, ['a']],
  [{a: '/home/me'}, ['a']],
  [{a: '/tmp'}, ['a']],
  [{a: '/x/../usr/bin'}, []],
  [{a: '/usr/../app/x'}, []],
  [{a: 'a'}, []],
  [{a: 'b', b: 'a'}, []],
  [{a: 'b/../../x', b: 'a'}, []],
  [{up: '..'}, ['up']],
  [{'d/up': '..', a: 'd/up/x'}, []],
  [{'d/up': '..', a: 'd/up/../x'}, ['a']],
  [{'d/e/up': '../..', a: 'd/e/up/d/e/up/../x'}, ['a']],
  [{down: 'd/e/f', a: 'down/../../../../x'}, ['a']],
  [{down: 'd/e/f', a: 'down/../../../x'}, []],
  [{sys: '/usr/lib', a: 'sys/x'}, []],
  [{sys: '/usr/lib', a: 'sys/../../etc'}, ['a']],
  [{own: '/app/d', a: 'own/../x'}, []],
  [{own: '/app/d', a: 'own/../../x'}, ['a']],
  [{a: 'b/c', b: '../out'}, ['a', 'b']],
])('%j: %j lead out', ([links, expected]) => {
  expect(leaving(links)).toEqual(expected)
  expect(leaving(Object.fromEntries(Object.entries(links).reverse())).sort()).toEqual([...expected].sort())
})

test('a chain that no kernel would follow counts as leading out', () => {
  const chain = Object.fromEntries(Array.from({length: 50}, (_, index) => [`l${index}`, `l${index + 1}`]))
  expect(leaving(chain).length).toBeGreaterThan(0)
  expect(leaving(Object.fromEntries(Object.entries(chain).slice(0, 30)))).toEqual([])
})

test('many links are judged in a moment', () => {
  const links = Object.fromEntries(
    Array.from({length: 50_000}, (_, index) => [`d${index}/l`, `../d${(index * 7) % 50_000}/l/${'x/'.repeat(20)}`]),
  )
  expect(leaving({...links, out: '../x'})).toContain('out')
})
