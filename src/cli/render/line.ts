import {withoutEndingCr} from '../../lib/ending-cr.ts'
import {prefixLines} from '../../lib/prefix-lines.ts'
import type {PlatformEvent} from '../../model/event.ts'
import {renderJson} from '../../model/event-json.ts'
import {textOf} from '../../model/event-text.ts'
import {renderHeroku} from '../../model/heroku-line.ts'
import {rawLines} from './raw-line.ts'
import type {Rendered} from './rendered.ts'
import {type ShortOptions, shortPrefixes} from './short-prefix.ts'

export const logFormats = ['short', 'heroku', 'json', 'raw'] as const
export type LogFormat = (typeof logFormats)[number]

export type LineOptions = ShortOptions & {
  readonly format: LogFormat
  /** A person reads along: of a line with CRs the text behind the last one is shown, and `raw` shows the beginning of a line. */
  readonly isTerminal: boolean
}

/**
 * A form of the log, as `start` and `logs` show it (cli.md sections 2 and 3): takes events in their order and gives what to
 * write. A block of lines costs a few native string operations. Lines that are not finished are shown by `json`, and by `raw`
 * on a terminal.
 */
export function lineRenderer(options: LineOptions): (event: PlatformEvent) => Rendered {
  switch (options.format) {
    case 'json':
      return toStdout(renderJson)
    case 'heroku':
      return toStdout(event => renderHeroku(event, options))
    case 'raw':
      return rawLines(options)
    case 'short':
      return toStdout(shortLines(options))
  }
}

function toStdout(render: (event: PlatformEvent) => Buffer): (event: PlatformEvent) => Rendered {
  return event => ({stream: 'stdout', data: render(event)})
}

function shortLines(options: LineOptions): (event: PlatformEvent) => Buffer {
  const prefix = shortPrefixes(options)
  const withCrs = options.isTerminal ? behindLastCr : withoutEndingCr
  return event => {
    const output = textOf(event)
    if (output.partial) return Buffer.alloc(0)
    return prefixLines(output.lines.includes('\r') ? withCrs(output.lines) : output.lines, prefix(output))
  }
}

/** Of a line with CRs in it, the text that a terminal would leave standing: that behind the last one. */
function behindLastCr(lines: Buffer): Buffer {
  const text = lines.toString('latin1').replaceAll(/\r+\n/g, '\n')
  // Not `.*\r`: a dot does not match a CR, which is a line's end for regular expressions.
  return Buffer.from(text.replaceAll(/^[^\n]*\r/gm, ''), 'latin1')
}
