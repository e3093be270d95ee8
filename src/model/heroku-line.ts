import {withoutEndingCr} from '../lib/ending-cr.ts'
import {cutLongLines} from '../lib/long-lines.ts'
import {prefixLines} from '../lib/prefix-lines.ts'
import {type PlatformEvent, renderTime} from './event.ts'
import {textOf} from './event-text.ts'

/** f.1: longer lines are split, each part a message of its own, nothing added. */
const maxBytes = 10_000

/**
 * Lines as `heroku logs` shows them (platform.md f.1): `2026-11-25T03:04:05.123456+00:00 app[web.1]: text`. Lines that are
 * not finished are none yet.
 */
export function renderHeroku(event: PlatformEvent, {timestamps = true} = {}): Buffer {
  const {time, source, dyno, lines, partial} = textOf(event)
  if (partial) return Buffer.alloc(0)
  const prefix = `${source}[${dyno}]: `
  const cut = cutLongLines(withoutEndingCr(lines), {limit: maxBytes})
  return prefixLines(cut, timestamps ? `${renderTime(time).slice(0, -1)}+00:00 ${prefix}` : prefix)
}
