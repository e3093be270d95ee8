import {LineSplitter, type Piece} from '../../lib/line-splitter.ts'

/** Where the output of a script goes: whole lines in blocks, or the beginning of a line that is not finished yet. */
export type OnLines = (piece: Piece, options?: {readonly isPartial: boolean}) => void

const showPartialMs = 100

/** Cuts the output of a script into blocks of whole lines; an open line is shown after 100 ms. */
export class LineCutter {
  readonly #onLines: OnLines
  readonly #splitter = new LineSplitter()
  #timer: NodeJS.Timeout | undefined

  constructor(onLines: OnLines) {
    this.#onLines = onLines
  }

  push(chunk: Buffer): void {
    clearTimeout(this.#timer)
    for (const piece of this.#splitter.push(chunk)) this.#onLines(piece)
    this.#timer = setTimeout(() => {
      const {open} = this.#splitter
      if (open !== undefined) this.#onLines(open, {isPartial: true})
    }, showPartialMs)
  }

  /** The end of the stream: a last line without newline gets ours. */
  end(): void {
    clearTimeout(this.#timer)
    const last = this.#splitter.end()
    if (last !== undefined) this.#onLines(last)
  }
}
