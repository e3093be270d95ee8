import {openHttp2Fuzz} from './http2-rounds.ts'
import {openFuzz} from './rounds.ts'

/** Rounds with seeds from `seed` on until time is up; gives their number. A failing one says which seed it was. */
export async function fuzzRouter({seed, untilMs}: {seed: number; untilMs: number}): Promise<number> {
  const fuzzes = [await openFuzz(), await openHttp2Fuzz()]
  let rounds = 0
  try {
    for (; Date.now() < untilMs; rounds++) {
      try {
        for (const fuzz of fuzzes) {
          await fuzz.peaceful(seed + rounds)
          await fuzz.hostile(seed + rounds)
        }
      } catch (cause) {
        throw new Error(`The router fails with seed ${seed + rounds}.`, {cause})
      }
    }
  } finally {
    for (const fuzz of fuzzes) await fuzz.close()
  }
  return rounds
}
