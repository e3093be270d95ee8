/**
 * Every limit and wait of the platform, in one table (platform.md b.3 to b.6, c.2 to c.5, d.1), in milliseconds unless the
 * name says otherwise. `HOMEPORT_TIME_SCALE` multiplies the times, never the counts and sizes.
 */
const times = {
  /** c.2: a web dyno must listen on $PORT. */
  bootMs: 60_000,
  /** c.3: from SIGTERM to SIGKILL, for a slug. */
  stopSlugMs: 30_000,
  /** cli.md 2: the same for the dynos of a folder. */
  stopFolderMs: 10_000,
  /** c.4: a crash after that much life starts the back-off anew. */
  backOffResetMs: 600_000,
  /** cli.md and c.4, local table: 0, 1, 2, 4 … seconds, at most a minute. */
  backOffFirstMs: 1_000,
  backOffMaxMs: 60_000,
  /** c.4: daily cycling and its random part. */
  cycleMs: 24 * 3_600_000,
  cycleJitterMs: 216 * 60_000,
  /** How long a stream may stay open after its dyno's own process has ended. */
  drainMs: 2_000,
  /** b.5: connect to a dyno; quarantine; the whole search for a dyno. */
  connectMs: 5_000,
  quarantineMs: 5_000,
  queueMs: 75_000,
  /** b.6: first byte; rolling silence; silent upload. */
  firstByteMs: 30_000,
  rollingMs: 55_000,
  uploadIdleMs: 55_000,
  /** b.2: a client connection between requests. */
  idleClientMs: 60_000,
  /** b.5: a kept connection to a dyno. */
  idleDynoMs: 90_000,
  /** c.5: between two R14 lines. */
  memoryReportMs: 20_000,
  memorySampleMs: 1_000,
  /** c.9: an attached one-off without input or output. */
  oneOffIdleMs: 3_600_000,
  /** d.1: a whole build; d.3: fetching one buildpack. */
  buildMs: 25 * 60_000,
  buildpackFetchMs: 90_000,
  /** e.4: the release command. */
  releaseMs: 3_600_000,
} as const

export type Limits = {readonly [name in keyof typeof times]: number}

/** The table with its times multiplied by `scale` (1 is the platform's own speed). */
export function platformLimits(scale = 1): Limits {
  return Object.fromEntries(Object.entries(times).map(([name, value]) => [name, value * scale])) as Limits
}
