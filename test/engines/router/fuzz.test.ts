import {describe, expect, test} from 'vitest'
import {openHttp2Fuzz} from './fuzz/http2-rounds.ts'
import {openFuzz} from './fuzz/rounds.ts'

/** Seeds of every run; `npm run fuzz router` goes on from here for as long as one likes. */
const seedsOf = (count: number) => Array.from({length: count}, (_, i) => i + 1)

describe.for([
  ['HTTP/1', openFuzz, 100],
  ['HTTP/2', openHttp2Fuzz, 40],
] as const)('%s', ([, open, count]) => {
  test('conversations within the rules: every byte at its place, one event for each request', {timeout: 120_000}, async ({
    onTestFinished,
  }) => {
    const fuzz = await open()
    onTestFinished(() => fuzz.close())
    for (const seed of seedsOf(count)) await expect(fuzz.peaceful(seed), `seed ${seed}`).resolves.toBeUndefined()
  })

  test('whoever breaks the rules is answered or cut off, and told of once', {timeout: 120_000}, async ({onTestFinished}) => {
    const fuzz = await open()
    onTestFinished(() => fuzz.close())
    for (const seed of seedsOf(count)) await expect(fuzz.hostile(seed), `seed ${seed}`).resolves.toBeUndefined()
  })
})
