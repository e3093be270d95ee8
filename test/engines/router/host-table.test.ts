import {describe, expect, test} from 'vitest'
import {anyAddress, HostTable, isLoopbackHost, normalHost} from '../../../src/engines/router/host-table.ts'

describe('b.8, hosts', () => {
  test.for([
    ['App.LocalHost:5006', 'app.localhost'],
    ['app.localhost.', 'app.localhost'],
    ['app.localhost.:80', 'app.localhost'],
    ['app.localhost:', 'app.localhost'],
    ['[::1]:5006', '[::1]'],
    ['[::1]', '[::1]'],
    ['[broken', '[broken'],
    ['a..', 'a.'],
    ['', ''],
  ] as const)('%j is %j', ([host, normal]) => {
    expect(normalHost(host)).toBe(normal)
  })

  const table = new HostTable([
    {host: 'www.Example.com', to: 'name'},
    {host: '*.example.com', to: 'wildcard'},
    {host: '*.deep.example.com', to: 'longer'},
    {host: '10.0.0.1', to: 'this address'},
    {host: anyAddress, to: 'address'},
    {host: '*', to: 'any'},
  ])

  test.for([
    ['www.example.com', 'name'],
    ['WWW.EXAMPLE.COM.:1', 'name'],
    ['a.example.com', 'wildcard'],
    ['a.b.example.com', 'wildcard'],
    ['a.deep.example.com', 'longer'],
    ['deep.example.com', 'wildcard'],
    ['example.com', 'any'],
    ['xexample.com', 'any'],
    ['10.0.0.1:80', 'this address'],
    ['10.0.0.2:80', 'address'],
    ['[fe80::1]:80', 'address'],
    ['<address>', 'any'],
    ['other', 'any'],
  ] as const)('%j leads to %s, each time', ([host, to]) => {
    expect(table.find(host)).toBe(to)
    expect(table.find(host)).toBe(to)
  })

  test('nothing leads nowhere, also the second time', () => {
    const empty = new HostTable([{host: 'a', to: 1}])
    expect([empty.find('b'), empty.find('a'), empty.find('b'), empty.find('127.0.0.1')]).toEqual([undefined, 1, undefined, undefined])
  })

  test('the memory of hosts is bounded, and right after it was emptied', () => {
    for (let i = 0; i < 1000; i++) expect(table.find(`n${i}.example.com`)).toBe('wildcard')
  })

  test.for(['localhost', 'LOCALHOST:80', 'a.b.localhost', '127.0.0.1', '127.9.9.9:1', '[::1]:1'])('%s is this machine', host => {
    expect(isLoopbackHost(host)).toBe(true)
  })

  test.for(['localhost.example.com', 'xlocalhost', '128.0.0.1', '127.0.0.1.example.com', '[::2]', '[::ffff:10.0.0.1]', '127.', ''])(
    '%j is not',
    host => {
      expect(isLoopbackHost(host)).toBe(false)
    },
  )
})
