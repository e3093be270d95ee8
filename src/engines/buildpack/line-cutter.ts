/** Where cut output goes: whole lines in one block, or the beginning of a line that is not finished yet. */
export type OnLines = (lines: Buffer, kind: 'whole' | 'partial' | 'unterminated') => void

const showPartialMs = 100
const maxLineBytes = 64 * 1024

/** Turns the chunks of a stream into blocks of whole lines; an open line is shown after 100 ms, one over 64 KiB is cut. */
export class LineCutter {
  readonly #onLines: OnLines
  #open: Buffer[] = []
  #openBytes = 0
  #timer: NodeJS.Timeout | undefined

  constructor(onLines: OnLines) {
    this.#onLines = onLines
  }

  push(chunk: Buffer): void {
    const end = chunk.lastIndexOf(0x0a) + 1
    if (end > 0) {
      const block = Buffer.concat([...this.#takeOpen(), chunk.subarray(0, end)])
      this.#onLines(block, 'whole')
    }
    if (end < chunk.length) this.#keep(chunk.subarray(end))
  }

  /** The end of the stream: a last line without newline gets ours. */
  end(): void {
    const open = this.#takeOpen()
    if (open.length > 0) this.#onLines(Buffer.concat([...open, Buffer.from('\n')]), 'unterminated')
  }

  #keep(rest: Buffer): void {
    this.#open.push(Buffer.from(rest))
    this.#openBytes += rest.length
    if (this.#openBytes >= maxLineBytes) {
      this.#onLines(Buffer.concat([...this.#takeOpen(), Buffer.from('…\n')]), 'whole')
      return
    }
    this.#timer ??= setTimeout(() => {
      this.#timer = undefined
      this.#onLines(Buffer.concat(this.#open), 'partial')
    }, showPartialMs)
  }

  #takeOpen(): Buffer[] {
    clearTimeout(this.#timer)
    this.#timer = undefined
    const open = this.#open
    this.#open = []
    this.#openBytes = 0
    return open
  }
}
