import {expect, test} from 'vitest'
import {anyAddressHost, planHosts} from '../../src/model/app-hosts.ts'

test('web has the app’s names, other types names below it', () => {
  const {hosts, warnings} = planHosts('shop', ['web', 'API', 'worker'], ['www.example.test', '*'])
  expect(hosts.map(({host, type}) => `${host} ${type}`)).toEqual([
    'localhost web',
    'shop.localhost web',
    `${anyAddressHost} web`,
    'www.example.test web',
    '* web',
    'api.shop.localhost API',
    'worker.shop.localhost worker',
  ])
  expect(warnings).toEqual([])
})

test('the second type with a label is told and gets no name', () => {
  const {hosts, warnings} = planHosts('shop', ['web', 'a_b', 'a-b'], [])
  expect(hosts.filter(({host}) => host.startsWith('a-b'))).toEqual([{host: 'a-b.shop.localhost', type: 'a_b'}])
  expect(warnings).toEqual(['a_b and a-b have the same host name a-b.shop.localhost: it leads to a_b.'])
})

test.for(['a b', 'http://shop.test', 'shop.test:80', 'shop.test/x', 'a..b', '*.', 'a*b.test'])('--domain %j is no host name', domain => {
  expect(() => planHosts('shop', ['web'], [domain])).toThrow(`--domain: “${domain}” is no host name.`)
})

test.for(['*', 'shop', 'Shop.Test.', '*.shop.test', 'my_shop.test', 'bücher.test', '10.0.0.1', '[::1]', '::1'])(
  '--domain %s is one',
  domain => {
    expect(planHosts('shop', ['web'], [domain]).hosts.map(({host}) => host)).toContain(domain)
  },
)
