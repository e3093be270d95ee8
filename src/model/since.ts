import {HomeportError} from './error.ts'

const unitMs = {s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000} as const

/**
 * Reads `--since`: a duration back from `now` (`30s`, `10m`, `1h30m`, `2d`) or a time (`2026-11-25T03:04:05Z`, `2026-11-25`).
 * Gives milliseconds since the epoch; throws FLAG_INVALID.
 */
export function parseSince(text: string, now: number): number {
  if (/^(\d+[smhd])+$/.test(text)) {
    let durationMs = 0
    for (const [, amount, unit] of text.matchAll(/(\d+)([smhd])/g)) durationMs += Number(amount) * unitMs[unit as keyof typeof unitMs]
    return now - durationMs
  }
  const time = /^\d{4}-\d\d-\d\d/.test(text) ? Date.parse(text) : Number.NaN
  if (!Number.isNaN(time)) return time
  throw new HomeportError('FLAG_INVALID', `--since “${text}” is no duration and no time.`, {
    hint: 'Write for example `--since 10m`, `--since 1h30m` or `--since 2026-11-25T03:04:05Z`.',
  })
}
