/** What a program writes to a terminal, in pieces that mean something as a whole. */
export type TerminalToken = {
  /**
   * `text`: what is shown, with control characters such as `\n` in it. `csi`: `ESC [ 1 ; 31 m` and the like. `string`: a title,
   * a colour, a query with text in it (OSC, DCS, APC). `escape`: every other sequence, such as `ESC 7`.
   */
  readonly kind: 'text' | 'csi' | 'string' | 'escape'
  readonly bytes: Buffer
}

/** A sequence that has not ended after so many bytes is passed on as it is. */
const maxSequence = 64 * 1024

const wholeCsi = /^\x1b\[[0-?]*[ -/]*[@-~]/
const openCsi = /^\x1b\[[0-?]*[ -/]*$/
const wholeString = /^\x1b(?:\][^\x07\x1b]*(?:\x07|\x1b\\)|[PX^_](?:[^\x1b]|\x1b(?!\\))*\x1b\\)/
const openString = /^\x1b(?:\][^\x07\x1b]*\x1b?|[PX^_](?:[^\x1b]|\x1b(?!\\))*)$/
const wholeEscape = /^\x1b[ -/]*[0-OQ-WYZ\\`-~]/
const openEscape = /^\x1b[ -/]*$/

/** Cuts the output of a terminal program into tokens, wherever its chunks begin and end. No byte is lost or changed. */
export class TerminalTokens {
  #open = ''

  /** Takes the next chunk; gives the tokens that are complete. Text is complete at the end of a chunk, torn characters too. */
  push(chunk: Buffer): readonly TerminalToken[] {
    // One character for each byte, so that a regular expression can read it.
    let rest = this.#open + chunk.toString('latin1')
    this.#open = ''
    const tokens: TerminalToken[] = []
    while (rest !== '') {
      const start = rest.indexOf('\x1b')
      if (start !== 0) {
        const text = start < 0 ? rest : rest.slice(0, start)
        tokens.push(token('text', text))
        rest = rest.slice(text.length)
        continue
      }
      const found = sequence(rest)
      if (found === undefined && rest.length <= maxSequence) {
        this.#open = rest
        break
      }
      const {kind, length} = found ?? {kind: 'escape' as const, length: rest.length}
      tokens.push(token(kind, rest.slice(0, length)))
      rest = rest.slice(length)
    }
    return tokens
  }
}

/** The sequence that `text` begins with; undefined when it has not ended yet. */
function sequence(text: string): {readonly kind: TerminalToken['kind']; readonly length: number} | undefined {
  const [csi] = wholeCsi.exec(text) ?? []
  if (csi !== undefined) return {kind: 'csi', length: csi.length}
  const [string] = wholeString.exec(text) ?? []
  if (string !== undefined) return {kind: 'string', length: string.length}
  if (openCsi.test(text) || openString.test(text) || openEscape.test(text)) return undefined
  const [other] = wholeEscape.exec(text) ?? []
  // A sequence that breaks off is none: its ESC stands alone.
  return {kind: 'escape', length: other?.length ?? 1}
}

function token(kind: TerminalToken['kind'], text: string): TerminalToken {
  return {kind, bytes: Buffer.from(text, 'latin1')}
}
