/** The one variable that Homeport adds to a dyno's environment: by it the guardian finds what belongs to the dyno. */
export const markerVariable = 'HOMEPORT_DYNO_ID'

const sessionBits = 36
const serialRange = 2 ** 16
const limitBase = 2 ** 52

/** A name for one run of `homeport start`, by chance: 9 hex digits. */
export function newSessionId(): string {
  return Math.floor(Math.random() * 2 ** sessionBits)
    .toString(16)
    .padStart(sessionBits / 4, '0')
}

/** The mark of one dyno: `3f9c2a7b1-000c`. The serial starts over after 65,536 dynos, when the first are long gone. */
export function dynoMarker(sessionId: string, serial: number): string {
  return `${sessionId}-${(serial % serialRange).toString(16).padStart(4, '0')}`
}

export function isOfSession(marker: string, sessionId: string): boolean {
  return marker.startsWith(`${sessionId}-`)
}

/**
 * The same mark as a limit of the resident set in KiB, some 4 EiB, which no system enforces and no memory reaches. Unlike the
 * environment, which programs write their title over, a limit is inherited by every fork for good.
 */
export function markerLimit(marker: string): number {
  const [session = '', serial = ''] = marker.split('-')
  return limitBase + Number.parseInt(session, 16) * serialRange + Number.parseInt(serial, 16)
}

/** The mark that a resident set limit stands for, undefined when it is just a limit. */
export function markerOfLimit(kibibytes: number): string | undefined {
  if (kibibytes < limitBase || kibibytes >= 2 * limitBase) return undefined
  const number = kibibytes - limitBase
  return dynoMarker(
    Math.floor(number / serialRange)
      .toString(16)
      .padStart(sessionBits / 4, '0'),
    number % serialRange,
  )
}

/** The highest limit that a dyno of this session may get: a machine that grants this one grants them all. */
export function highestLimit(sessionId: string): number {
  return markerLimit(dynoMarker(sessionId, serialRange - 1))
}
