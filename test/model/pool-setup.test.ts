import {expect, test} from 'vitest'
import {managerCount, planSetup} from '../../src/model/pool-setup.ts'

const wish = {name: 'demo', size: 3, instanceType: 't3a.small', hasBalancer: false}

test('the steps in order; a balancer only when asked for', () => {
  expect(planSetup(wish).steps.map(step => step.name)).toEqual(['bucket', 'key', 'role', 'network', 'template', 'hosts', 'quorum', 'stack'])
  expect(planSetup({...wish, hasBalancer: true, certificate: 'arn:x'}).steps.find(step => step.name === 'balancer')?.detail).toContain(
    'HTTPS',
  )
  expect(planSetup({...wish, hasBalancer: true}).cost.monthlyUsd).toBeGreaterThan(planSetup(wish).cost.monthlyUsd)
})

test.for<[number, number]>([
  [1, 1],
  [2, 1],
  [3, 3],
  [50, 3],
])('%i hosts have %i managers', ([size, managers]) => {
  expect(managerCount(size)).toBe(managers)
})

test('wrong names and types are told at once', () => {
  expect(() => planSetup({...wish, name: 'X'})).toThrow('no name for a pool')
  expect(() => planSetup({...wish, instanceType: 'x'})).toThrow('price table')
})
