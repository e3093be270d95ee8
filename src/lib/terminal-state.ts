import type {TerminalToken} from './terminal-tokens.ts'

/** Private modes that are on in a terminal that nobody has changed; all others are off. */
const onByDefault: ReadonlySet<string> = new Set(['7', '25'])
/** The second screen, which full-screen programs draw on: entered first and left last. */
const screens: ReadonlySet<string> = new Set(['47', '1047', '1049'])
/** Modes that make no difference to who comes later, or that ask for an answer. */
const ignored: ReadonlySet<string> = new Set(['3', '12', '40', '45', '1048'])

/**
 * What a program has switched on in its terminal and not off again: the second screen, the mouse, a hidden cursor, pasting in
 * brackets, colours. From it follows what to write when the program is gone without having tidied up, and what to write to a
 * terminal that joins later.
 */
export class TerminalState {
  readonly #modes = new Map<string, boolean>()
  #hasColour = false
  #hasKeypad = false
  #hasMargins = false
  #hasLineDrawing = false
  #keyboards = 0

  see(tokens: readonly TerminalToken[]): void {
    for (const {kind, bytes} of tokens) {
      if (kind === 'csi') this.#seeCsi(bytes.toString('latin1'))
      if (kind === 'escape') this.#seeEscape(bytes.toString('latin1'))
    }
  }

  /** Puts a terminal back to how it was; empty when nothing is left switched on. */
  leave(): string {
    const changed = [...this.#modes].filter(([mode, isOn]) => isOn !== onByDefault.has(mode))
    const inOrder = [...changed.filter(([mode]) => !screens.has(mode)), ...changed.filter(([mode]) => screens.has(mode))]
    return [
      '\x1b[<u'.repeat(this.#keyboards),
      // Setting the margins moves the cursor.
      this.#hasMargins ? '\x1b7\x1b[r\x1b8' : '',
      this.#hasKeypad ? '\x1b>' : '',
      this.#hasLineDrawing ? '\x1b(B' : '',
      ...inOrder.map(([mode, isOn]) => `\x1b[?${mode}${isOn ? 'l' : 'h'}`),
      this.#hasColour ? '\x1b[m' : '',
    ].join('')
  }

  /** Puts a fresh terminal into this state; the cursor, the margins and the colours are left to what is written next. */
  enter(): string {
    const changed = [...this.#modes].filter(([mode, isOn]) => isOn !== onByDefault.has(mode))
    const inOrder = [...changed.filter(([mode]) => screens.has(mode)), ...changed.filter(([mode]) => !screens.has(mode))]
    return [...inOrder.map(([mode, isOn]) => `\x1b[?${mode}${isOn ? 'h' : 'l'}`), this.#hasKeypad ? '\x1b=' : ''].join('')
  }

  /** Whether the second screen is shown. */
  get isFullScreen(): boolean {
    return [...screens].some(mode => this.#modes.get(mode) === true)
  }

  #seeCsi(sequence: string): void {
    const [, modes = '', end] = /^\x1b\[\?([\d;]+)([hl])$/.exec(sequence) ?? []
    for (const mode of modes.split(';')) if (mode !== '' && !ignored.has(mode)) this.#modes.set(mode, end === 'h')
    const [, colours] = /^\x1b\[([\d;:]*)m$/.exec(sequence) ?? []
    if (colours !== undefined) this.#hasColour = !/^0*$/.test(colours)
    const [, margins] = /^\x1b\[([\d;]*)r$/.exec(sequence) ?? []
    if (margins !== undefined) this.#hasMargins = margins !== ''
    if (/^\x1b\[>\d*u$/.test(sequence)) this.#keyboards++
    if (/^\x1b\[<\d*u$/.test(sequence)) this.#keyboards = Math.max(0, this.#keyboards - 1)
    if (sequence === '\x1b[!p') this.#reset()
  }

  #seeEscape(sequence: string): void {
    if (sequence === '\x1b=' || sequence === '\x1b>') this.#hasKeypad = sequence === '\x1b='
    if (sequence === '\x1b(0' || sequence === '\x1b(B') this.#hasLineDrawing = sequence === '\x1b(0'
    if (sequence === '\x1bc') this.#reset()
  }

  #reset(): void {
    this.#modes.clear()
    this.#hasColour = false
    this.#hasKeypad = false
    this.#hasMargins = false
    this.#hasLineDrawing = false
    this.#keyboards = 0
  }
}
