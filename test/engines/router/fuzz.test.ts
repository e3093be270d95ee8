import {expect, test} from 'vitest'
import {openFuzz} from './fuzz/rounds.ts'

/** Seeds of every run; `npm run fuzz router` goes on from here for as long as one likes. */
const seeds = Array.from({length: 100}, (_, i) => i + 1)

test('conversations within the rules: every byte at its place, one event for each request', {timeout: 120_000}, async ({
  onTestFinished,
}) => {
  const fuzz = await openFuzz()
  onTestFinished(() => fuzz.close())
  for (const seed of seeds) await expect(fuzz.peaceful(seed), `seed ${seed}`).resolves.toBeUndefined()
})

test('whoever breaks the rules is answered or cut off, and told of once', {timeout: 120_000}, async ({onTestFinished}) => {
  const fuzz = await openFuzz()
  onTestFinished(() => fuzz.close())
  for (const seed of seeds) await expect(fuzz.hostile(seed), `seed ${seed}`).resolves.toBeUndefined()
})
