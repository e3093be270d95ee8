import {createHash} from 'node:crypto'

/** A UUID that is always the same for the same thing: the ids of the API (platform.md j.2). */
export function uuidOf(...parts: readonly string[]): string {
  const hex = createHash('sha256').update(parts.join('\0')).digest('hex')
  const variant = ((Number.parseInt(hex.charAt(16), 16) & 3) | 8).toString(16)
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-5${hex.slice(13, 16)}-${variant}${hex.slice(17, 20)}-${hex.slice(20, 32)}`
}

/** Times of the API have no fractions: `2026-11-25T03:04:05Z`. */
export function apiTime(time: string): string {
  return `${time.slice(0, 19)}Z`
}
