import {expect, test} from 'vitest'
import {type RouterFault, routerFaults} from '../../src/model/router-fault.ts'

const faults: readonly (readonly [string, RouterFault])[] = Object.entries(routerFaults)

test.for(faults)('%s has the platform’s form', ([, fault]) => {
  if (fault.code !== undefined) expect(fault.code).toMatch(/^H\d\d$/)
  expect(fault.code === undefined).toBe(fault.description === undefined)
  expect(fault.status === undefined).toBe(fault.code === 'H24')
})

test('each code has one description, but for the four of H25', () => {
  const descriptions = new Map<string, Set<string>>()
  for (const [, {code, description}] of faults) {
    if (code !== undefined && description !== undefined) descriptions.set(code, (descriptions.get(code) ?? new Set()).add(description))
  }
  for (const [code, set] of descriptions) expect([code, set.size]).toEqual([code, code === 'H25' ? 4 : 1])
})
