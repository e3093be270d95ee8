import type {TerminalSize} from '../../model/terminal.ts'
import {shortPrefixes} from '../render/short-prefix.ts'
import {windowSize} from '../terminal/window-size.ts'

const narrowest = 20

/** What of our terminal is left for a dyno's lines, behind what stands before them in the log. */
export function dynoWindow(names: readonly string[], {timestamps}: {readonly timestamps: boolean}): TerminalSize {
  const prefix = shortPrefixes({timestamps, isColoured: false, names})
  const [dyno = ''] = names
  const before = prefix({type: 'output', time: 0, source: 'app', dyno, stream: 'stdout', lines: Buffer.alloc(0)})
  const {columns, rows} = windowSize()
  return {columns: Math.max(narrowest, columns - before.length), rows}
}
