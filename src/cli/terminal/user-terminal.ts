import {spawnSync} from 'node:child_process'
import {lookUpProgram} from '../../lib/look-up-program.ts'
import type {TerminalSize} from '../../model/terminal.ts'
import {newlines} from '../write.ts'
import {windowSize} from './window-size.ts'

/** Takes what is typed; while its promise is open, no more is read. */
export type TakeInput = (bytes: Buffer) => Promise<void> | undefined

/**
 * The terminal in front of the user, handed over to a program behind another one: keys come as bytes (Ctrl-C too), what is
 * written is shown as it is. Everything is as before once this is disposed of; Node sees to that too when the process ends.
 */
export class UserTerminal {
  #isRaw = false
  #isDisposed = false
  #takeInput: TakeInput | undefined
  #onResize: (() => void) | undefined

  constructor() {
    this.#enter()
    process.on('SIGTSTP', this.#suspend)
    process.on('SIGCONT', this.#resume)
  }

  /** Until disposed of, passes on what is typed, and tells when the window has another size. */
  connect({takeInput, onResize}: {readonly takeInput: TakeInput; readonly onResize: (size: TerminalSize) => void}): void {
    if (this.#isDisposed) return
    this.#takeInput = takeInput
    this.#onResize = () => onResize(windowSize())
    process.stdin.on('data', this.#take)
    process.stdout.on('resize', this.#onResize)
    // It may have changed between the program's start and now.
    onResize(windowSize())
  }

  [Symbol.dispose](): void {
    this.#isDisposed = true
    process.off('SIGTSTP', this.#suspend)
    process.off('SIGCONT', this.#resume)
    if (this.#onResize !== undefined) process.stdout.off('resize', this.#onResize)
    process.stdin.off('data', this.#take)
    process.stdin.pause()
    process.stdin.unref()
    this.#leave()
  }

  readonly #take = (bytes: Buffer): void => {
    const isTaken = this.#takeInput?.(bytes)
    if (isTaken === undefined) return
    process.stdin.pause()
    void isTaken.then(() => {
      if (!this.#isDisposed) process.stdin.resume()
    })
  }

  /** Somebody stops Homeport (not the user's Ctrl-Z, which the program gets): the shell finds its terminal as it was. */
  readonly #suspend = (): void => {
    this.#leave()
    process.kill(process.pid, 'SIGSTOP')
  }

  readonly #resume = (): void => {
    this.#leave()
    this.#enter()
    // Meanwhile the window's changes were told to the shell; with this signal Node looks at its size anew.
    process.kill(process.pid, 'SIGWINCH')
  }

  #enter(): void {
    if (this.#isRaw) return
    this.#isRaw = true
    newlines.areConverted = false
    process.stdin.setRawMode(true)
    // Node leaves the conversion of newlines on. The program's own terminal has done it already, and where that did not, as for
    // one that draws the whole screen, `\n` means one line down and not to the left.
    const stty = lookUpProgram('stty', `${process.env['PATH'] ?? ''}:/bin:/usr/bin`)
    if ('path' in stty) spawnSync(stty.path, ['-opost'], {stdio: ['inherit', 'ignore', 'ignore']})
  }

  #leave(): void {
    if (!this.#isRaw) return
    this.#isRaw = false
    newlines.areConverted = true
    try {
      process.stdin.setRawMode(false)
    } catch {
      // The terminal is gone.
    }
  }
}
