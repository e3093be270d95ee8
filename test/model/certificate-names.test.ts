import {expect, test} from 'vitest'
import {isPermittedName, planPermittedNames, uncoveredDomains} from '../../src/model/certificate-names.ts'

test.for([
  [[], ['localhost', 'test']],
  [
    ['www.example.org', '*.example.dev'],
    ['localhost', 'test', 'www.example.org', 'example.dev'],
  ],
  [
    ['example.org', 'www.example.org', 'WWW.Example.Test.'],
    ['localhost', 'test', 'example.org'],
  ],
  [
    ['*', '10.0.0.1', '::1', 'not a name', ''],
    ['localhost', 'test'],
  ],
] as const)('an authority made with --domain %j is good for %j', ([domains, names]) => {
  expect(planPermittedNames(domains)).toEqual(names)
})

test.for([
  ['localhost', true],
  ['worker.app.localhost', true],
  ['App.LOCALHOST.', true],
  ['www.example.test', true],
  ['example.org', true],
  ['a.b.example.org', true],
  ['127.0.0.1', true],
  ['127.9.9.9', true],
  ['::1', true],
  ['notexample.org', false],
  ['localhost.example.com', false],
  ['example.com', false],
  ['mytest', false],
  ['10.0.0.1', false],
  ['::2', false],
] as const)('%s: %s', ([host, isPermitted]) => {
  expect(isPermittedName(host, planPermittedNames(['example.org']))).toBe(isPermitted)
})

test('tells which domains an older authority does not cover', () => {
  const domains = ['www.example.test', 'new.example.org', '*.example.dev', '*']
  expect(uncoveredDomains(domains, planPermittedNames([]))).toEqual(['new.example.org', '*.example.dev'])
})
