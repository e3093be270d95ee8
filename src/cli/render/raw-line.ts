import type {PlatformEvent} from '../../model/event.ts'
import type {Rendered} from './rendered.ts'

const nothing: Rendered = {stream: 'stdout', data: Buffer.alloc(0)}

/**
 * The bytes of a dyno as they came, stderr to stderr, and nothing of ours (cli.md section 2). On a terminal the beginning of
 * a line is shown when it comes, and later only the rest.
 */
export function rawLines({isTerminal}: {readonly isTerminal: boolean}): (event: PlatformEvent) => Rendered {
  const shownBytes = new Map<string, number>()
  return event => {
    if (event.type !== 'output' || event.source !== 'app') return nothing
    const {stream, lines, raw, partial, unterminated} = event
    if (partial && !isTerminal) return nothing
    const key = `${event.dyno} ${stream}`
    const shown = shownBytes.get(key) ?? 0
    const data = raw ?? (unterminated ? lines.subarray(0, -1) : lines)
    if (partial) shownBytes.set(key, Math.max(shown, data.length))
    else if (shown > 0) shownBytes.delete(key)
    return {stream, data: data.subarray(shown)}
  }
}
