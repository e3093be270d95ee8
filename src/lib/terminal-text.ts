import {TerminalTokens} from './terminal-tokens.ts'

/**
 * Makes lines for a log out of what a program writes to a terminal: text and its colours stay, what moves the cursor, switches
 * modes or asks the terminal something is left out, since it would do that to the terminal of whoever reads the log.
 */
export class TerminalText {
  readonly #tokens = new TerminalTokens()

  /** Takes the next chunk. */
  push(chunk: Buffer): Buffer {
    const kept = this.#tokens.push(chunk).map(({kind, bytes}) => {
      if (kind === 'text') return withoutControls(bytes)
      return kind === 'csi' && isColour(bytes) ? bytes : Buffer.alloc(0)
    })
    return Buffer.concat(kept)
  }
}

/** `ESC [ … m`, but not xterm's `ESC [ > … m`, which changes the keyboard. */
function isColour(sequence: Buffer): boolean {
  return /^\x1b\[[\d;:]*m$/.test(sequence.toString('latin1'))
}

function withoutControls(text: Buffer): Buffer {
  return Buffer.from(text.toString('latin1').replaceAll(/[\x00-\x08\x0b\x0c\x0e-\x1a\x1c-\x1f\x7f]/g, ''), 'latin1')
}
