import {TerminalState} from '../../lib/terminal-state.ts'
import {TerminalTokens} from '../../lib/terminal-tokens.ts'

/** Watches what is shown on the user's terminal, to know what to switch off when the program cannot do it any more. */
export class ScreenWatch {
  readonly #tokens = new TerminalTokens()
  readonly #state = new TerminalState()

  see(chunk: Buffer): void {
    this.#state.see(this.#tokens.push(chunk))
  }

  /** What puts the screen back to how it was. */
  leave(): string {
    return this.#state.leave()
  }
}
