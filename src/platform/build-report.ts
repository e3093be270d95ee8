import type {OnLines} from '../engines/buildpack/line-cutter.ts'
import {type Emit, now, type StepEvent} from '../model/event.ts'

/** Tells what a build does: its output as lines of `heroku[build]`, its steps as `step` events. */
export class BuildReport {
  readonly #emit: Emit
  readonly #open = new Set<string>()

  constructor(emit: Emit) {
    this.#emit = emit
  }

  /** The last whole line that was told. */
  lastLine = ''

  /** Lines of the platform's own. */
  readonly say = (...lines: readonly string[]): void => {
    if (lines.length > 0) this.onLines({lines: Buffer.from(lines.map(line => `${line}\n`).join(''))})
  }

  /** The beginning of a line that `say` will give as a whole. */
  readonly sayBeginning = (text: string): void => this.onLines({lines: Buffer.from(text)}, {isPartial: true})

  /** What a script printed. */
  readonly onLines: OnLines = (piece, options) => {
    if (!options?.isPartial)
      this.lastLine = piece.lines
        .subarray(piece.lines.lastIndexOf(0x0a, piece.lines.length - 2) + 1)
        .toString('utf8')
        .trimEnd()
    const partial = options?.isPartial ? {partial: true} : {}
    this.#emit({type: 'output', time: now(), source: 'heroku', dyno: 'build', stream: 'stdout', ...piece, ...partial})
  }

  readonly onStep = (name: string, status: StepEvent['status'], detail?: string): void => {
    if (status === 'started') this.#open.add(name)
    else this.#open.delete(name)
    this.#emit({type: 'step', time: now(), name, status, ...(detail === undefined ? {} : {detail})})
  }

  /** A step that is done when `action` is. */
  async step<T>(name: string, action: () => Promise<T>): Promise<T> {
    this.onStep(name, 'started')
    const result = await action()
    this.onStep(name, 'done')
    return result
  }

  /** Every step that is not over has failed. */
  failed(): void {
    for (const name of [...this.#open]) this.onStep(name, 'failed')
  }
}
