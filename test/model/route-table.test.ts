import {expect, test} from 'vitest'
import {planRoutes, rememberPorts} from '../../src/model/route-table.ts'
import {poolDyno} from '../support/pool-values.ts'

const apps = [{app: 'shop', domains: ['shop.example', 'shop']}]

test('each host name of an app leads to its web dynos that are up', () => {
  const dynos = [
    poolDyno('a'),
    poolDyno('b', {state: 'starting'}),
    poolDyno('c', {type: 'worker'}),
    poolDyno('d', {app: 'blog'}),
    poolDyno('e', {address: undefined}),
  ]
  const routes = planRoutes(apps, dynos, new Map())
  expect(routes.map(route => route.host)).toEqual(['shop', 'shop.example'])
  expect(routes[1]?.backends).toEqual([{dyno: 'web.1', id: 'a', address: '10.0.0.1', port: 32768}])
})

test('a port that the engine forgot is still known', () => {
  const ports = rememberPorts([poolDyno('a'), poolDyno('b', {port: undefined})], new Map([['gone', 1]]))
  expect([...ports]).toEqual([['a', 32768]])
  expect(planRoutes(apps, [poolDyno('a', {port: undefined})], ports)[0]?.backends[0]?.port).toBe(32768)
  expect(planRoutes(apps, [poolDyno('a', {port: undefined})], new Map())[0]?.backends).toEqual([])
  expect([...rememberPorts([poolDyno('a', {port: undefined})], ports)]).toEqual([['a', 32768]])
})
