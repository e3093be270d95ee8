import type {OutputEvent, PlatformEvent} from '../../model/event.ts'

export type TerminalViewOptions = {
  /** An event as whole lines of the log; empty for what is not shown. */
  readonly render: (event: PlatformEvent) => Buffer
  /** Width of the terminal, asked each time. */
  readonly columns: () => number
}

const clearLine = '\r\u001b[2K'

/**
 * The log on a terminal: whole lines scroll by, and the last line that is not finished yet, such as a prompt, stands below
 * them with its prefix, redrawn in place when it grows and when other lines come (cli.md section 2, Output).
 */
export class TerminalView {
  readonly #options: TerminalViewOptions
  /** The unfinished line of each stream that has one; the one that grew last is shown. */
  readonly #open = new Map<string, OutputEvent>()
  #drawn = ''

  constructor(options: TerminalViewOptions) {
    this.#options = options
  }

  /** What to write for an event. */
  show(event: PlatformEvent): Buffer {
    if (event.type === 'output' && event.partial) {
      this.#open.delete(streamOf(event))
      this.#open.set(streamOf(event), event)
      return Buffer.from(this.#redraw())
    }
    if (event.type === 'output') this.#open.delete(streamOf(event))
    const lines = this.#options.render(event)
    if (this.#drawn === '' && this.#open.size === 0) return lines
    const before = this.#drawn === '' ? '' : clearLine
    this.#drawn = ''
    return Buffer.concat([Buffer.from(before), lines, Buffer.from(this.#redraw())])
  }

  /** Takes the unfinished line away, before somebody else writes. */
  clear(): Buffer {
    const isDrawn = this.#drawn !== ''
    this.#drawn = ''
    return Buffer.from(isDrawn ? clearLine : '')
  }

  #redraw(): string {
    const open = [...this.#open.values()].at(-1)
    if (open === undefined) return ''
    const before = this.#drawn === '' ? '' : clearLine
    this.#drawn = this.#drawOpen(open)
    return before + this.#drawn
  }

  /** One row at most: a line that wraps could not be taken back. */
  #drawOpen({lines, ...event}: OutputEvent): string {
    const whole = this.#options.render({...event, partial: false, lines: Buffer.concat([lines, Buffer.from('\n')])})
    return cutToWidth(whole.toString().replace(/\n$/, ''), this.#options.columns() - 1)
  }
}

function streamOf({source, dyno, stream}: OutputEvent): string {
  return `${source} ${dyno} ${stream}`
}

/** The first `width` visible characters, with the escape sequences between them. */
function cutToWidth(text: string, width: number): string {
  let cut = ''
  let used = 0
  for (const [piece] of text.matchAll(/\u001b\[[0-9;]*m|[\s\S]/gu)) {
    if (piece.startsWith('\u001b[')) cut += piece
    else if (piece >= ' ' && used < width) {
      cut += piece
      used++
    }
  }
  return cut
}
