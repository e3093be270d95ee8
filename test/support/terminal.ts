import {type IPty, spawn} from '@lydell/node-pty'
import {expect} from 'vitest'

/** A program in a terminal of its own, as a person sees it. */
export class Terminal {
  readonly #pty: IPty
  #shown = ''
  readonly ended: Promise<{readonly exitCode: number; readonly signal?: number}>

  constructor(file: string, args: readonly string[], {cwd, env}: {readonly cwd?: string; readonly env: Readonly<Record<string, string>>}) {
    const size = {cols: 120, rows: 30}
    this.#pty = spawn(file, [...args], {name: 'xterm', ...size, env, ...(cwd === undefined ? {} : {cwd})})
    this.#pty.onData(data => {
      this.#shown += data
    })
    this.ended = new Promise(resolve => this.#pty.onExit(resolve))
  }

  /** Everything that was shown up to now, with its control sequences. */
  get shown(): string {
    return this.#shown
  }

  type(text: string): void {
    this.#pty.write(text)
  }

  /** Waits until `text` was shown, after what `type` has just typed if that is given. */
  async sees(text: string | RegExp, {after = 0}: {readonly after?: number} = {}): Promise<void> {
    await expect.poll(() => this.#shown.slice(after), {timeout: 10_000}).toMatch(text)
  }

  get pid(): number {
    return this.#pty.pid
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      this.#pty.kill('SIGKILL')
    } catch {
      return // it has ended
    }
    await this.ended
  }
}
