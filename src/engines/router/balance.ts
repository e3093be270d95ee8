/** What the choice of a dyno looks at. */
export type Choosable = {
  /** Milliseconds since the epoch; until then the dyno is in quarantine after a failed connect. */
  readonly quarantinedUntil: number
}

/**
 * One of `dynos`, each with the same chance (platform.md b.1), without those in quarantine and those that this request tried
 * already; undefined when none is left. `random` gives numbers from 0 up to 1, 1 excluded.
 */
export function chooseDyno<T extends Choosable>(
  dynos: readonly T[],
  {now, tried, random}: {readonly now: number; readonly tried: readonly T[]; readonly random: () => number},
): T | undefined {
  const first = dynos[Math.floor(random() * dynos.length)]
  if (first === undefined || isFree(first, now, tried)) return first
  const free = dynos.filter(dyno => isFree(dyno, now, tried))
  return free[Math.floor(random() * free.length)]
}

function isFree<T extends Choosable>(dyno: T, now: number, tried: readonly T[]): boolean {
  return dyno.quarantinedUntil <= now && !tried.includes(dyno)
}

/** The wait before the n-th look (from 0) for a dyno out of quarantine: growing, from a fiftieth of the quarantine to all of it. */
export function lookAgainMs(look: number, quarantineMs: number): number {
  return Math.min(quarantineMs, (quarantineMs / 50) * 2 ** Math.min(look, 16))
}
