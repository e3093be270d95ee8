import {describe, expect, test} from 'vitest'
import {chooseDyno, lookAgainMs} from '../../../src/engines/router/balance.ts'

const dyno = (name: string, quarantinedUntil = 0) => ({name, quarantinedUntil})

describe('b.5, the choice of a dyno', () => {
  test('each free dyno has the same chance, whoever is in quarantine', () => {
    const dynos = [dyno('a'), dyno('b', 101), dyno('c'), dyno('d')]
    const counts = new Map<string, number>()
    const steps = 120
    for (let first = 0; first < steps; first++) {
      for (let second = 0; second < steps; second++) {
        const numbers = [first / steps, second / steps]
        const name = chooseDyno(dynos, {now: 100, tried: [], random: () => numbers.shift() ?? 0})?.name ?? ''
        counts.set(name, (counts.get(name) ?? 0) + 1)
      }
    }
    expect(counts).toEqual(
      new Map([
        ['a', 4800],
        ['c', 4800],
        ['d', 4800],
      ]),
    )
  })

  test('a dyno is free again when its quarantine is over', () => {
    const one = [dyno('a', 100)]
    expect(chooseDyno(one, {now: 99, tried: [], random: () => 0})).toBeUndefined()
    expect(chooseDyno(one, {now: 100, tried: [], random: () => 0})).toBe(one[0])
  })

  test('one that was tried is not tried again', () => {
    const two = [dyno('a'), dyno('b')] as const
    expect(chooseDyno(two, {now: 0, tried: [two[0]], random: () => 0})).toBe(two[1])
    expect(chooseDyno(two, {now: 0, tried: two, random: () => 0})).toBeUndefined()
  })

  test('of none there is none', () => {
    expect(chooseDyno([], {now: 0, tried: [], random: () => 0})).toBeUndefined()
  })

  test('looks come at growing distances, up to the quarantine', () => {
    expect([0, 1, 2, 5, 6, 1000].map(look => lookAgainMs(look, 5000))).toEqual([100, 200, 400, 3200, 5000, 5000])
  })
})
