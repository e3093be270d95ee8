/** How much memory a dyno uses at one moment. */
export type MemoryReading = {
  /** RSS + swap + cache: what R14 looks at (platform.md c.5). */
  readonly usedBytes: number
  /** RSS + swap without cache: what R15 looks at. */
  readonly heldBytes: number
}

export type MemoryVerdict = 'within' | 'exceeded' | 'vastly-exceeded'

/** From that many quotas on a dyno is killed (c.5). */
export const vastly = 2

/** R14 above the quota, R15 from twice the quota on (platform.md c.5). */
export function judgeMemory({usedBytes, heldBytes}: MemoryReading, quotaBytes: number): MemoryVerdict {
  if (heldBytes >= vastly * quotaBytes) return 'vastly-exceeded'
  return usedBytes > quotaBytes ? 'exceeded' : 'within'
}

/** The platform's lines about a dyno that is over its quota, in order; none while it is within (platform.md c.5). */
export function renderMemoryVerdict(verdict: MemoryVerdict, reading: MemoryReading, quotaBytes: number): readonly string[] {
  if (verdict === 'within') return []
  const isVast = verdict === 'vastly-exceeded'
  const bytes = isVast ? reading.heldBytes : reading.usedBytes
  const running = `Process running mem=${Math.round(bytes / 1024 / 1024)}MB(${((bytes / quotaBytes) * 100).toFixed(1)}%)`
  if (!isVast) return [running, 'Error R14 (Memory quota exceeded)']
  return [running, 'Error R15 (Memory quota vastly exceeded)', 'Stopping process with SIGKILL']
}
