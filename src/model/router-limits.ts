/**
 * Sizes and counts of the router (platform.md b.3 to b.5); they are never scaled. Lines are counted without their CRLF.
 * The times stand in limits.ts.
 */
export const routerLimits = {
  requestLineBytes: 8192,
  methodBytes: 127,
  headerLineBytes: 8192,
  headerNameBytes: 1000,
  headerCount: 1000,
  statusLineBytes: 8192,
  responseHeaderLineBytes: 524_288,
  cookieBytes: 8192,
  /** A response head as a whole: what the router may buffer for one connection. */
  responseHeadBytes: 1_048_576,
  chunkLineBytes: 8192,
  trailerBytes: 65_536,
  requestIdMinBytes: 20,
  requestIdMaxBytes: 200,
  /** b.5: connect attempts for one request, at most one for each dyno. */
  connectTries: 10,
  /** b.5: requests under way at once, for each dyno; the next one is H11. */
  requestsPerDyno: 200,
  /** b.1: what a slow client may leave in the router while its dyno is free already. */
  responseBufferBytes: 1_048_576,
  /** b.4.4: look-ahead of a request body while no dyno takes it. */
  lookAheadBytes: 65_536,
  /** Client connections at once; a request on one more is H22. */
  clientConnections: 20_000,
  /** All unfinished request heads together; the one that goes over it is refused. */
  unfinishedHeadBytes: 64 * 1_048_576,
  /** Kept connections to one dyno. */
  keptConnections: 256,
  /** How often one request may come back to the router before it is answered 508. */
  loops: 10,
} as const

export type RouterLimits = {readonly [name in keyof typeof routerLimits]: number}
