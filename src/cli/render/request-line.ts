import {type RequestEvent, renderTime} from '../../model/event.ts'
import {renderJson} from '../../model/event-json.ts'
import type {LogFormat} from './line.ts'
import {shortPrefixes} from './short-prefix.ts'

/**
 * Router lines in the forms of `--log-format`, each with its newline. The same text as `lineRenderer` gives, made for many requests
 * a second: no buffer for each of them, and the clock is read out once a second.
 */
export function requestRenderer({
  format,
  isColoured,
}: {
  readonly format: LogFormat
  readonly isColoured: boolean
}): (event: RequestEvent) => string {
  switch (format) {
    case 'json':
      return event => renderJson(event).toString()
    case 'raw':
      return event => `${event.line}\n`
    case 'heroku':
      return herokuLines()
    case 'short': {
      const prefix = shortPrefixes({timestamps: true, isColoured})
      return event => `${prefix({...routerLine, time: event.time})}${event.line}\n`
    }
  }
}

const routerLine = {type: 'output', source: 'heroku', dyno: 'router', stream: 'stdout', lines: Buffer.alloc(0)} as const

/** `2026-11-25T03:04:05.123456+00:00 heroku[router]: at=info …` (platform.md b.9, f.1). */
function herokuLines(): (event: RequestEvent) => string {
  let second = Number.NaN
  let text = ''
  return ({time, line}) => {
    const micros = Math.round(time * 1000)
    const now = Math.floor(micros / 1_000_000)
    if (now !== second) {
      second = now
      text = renderTime(now * 1000).slice(0, 20)
    }
    const fraction = String(micros % 1_000_000).padStart(6, '0')
    return `${text}${fraction}+00:00 heroku[router]: ${line}\n`
  }
}
