import type {Source} from '../../model/event.ts'
import type {LogRecord} from './record.ts'

/** Which lines to show; all that are given must hold (platform.md f.1). */
export type LogFilter = {
  /** An exact name: `web.1`, `router`. */
  readonly dyno?: string | undefined
  /** A process type: all its dynos. */
  readonly type?: string | undefined
  readonly source?: Source | undefined
  /** Milliseconds since the epoch. */
  readonly since?: number | undefined
  /** Looked for in the text, without the line's prefix. */
  readonly grep?: RegExp | undefined
}

export function matches({dyno, type, source, since, grep}: LogFilter, record: LogRecord): boolean {
  if (dyno !== undefined && record.dyno !== dyno) return false
  if (type !== undefined && record.dyno !== type && !record.dyno.startsWith(`${type}.`)) return false
  if (source !== undefined && record.source !== source) return false
  if (since !== undefined && record.timeUs < since * 1000) return false
  return grep === undefined || record.text.toString().search(grep) >= 0
}
