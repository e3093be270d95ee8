import type {TerminalToken} from './terminal-tokens.ts'

/** Where is the cursor, what are you, which version, is this mode on, how large is your window. */
const askingCsi = /^\x1b\[(?:[?>=]?\d*(?:;\d+)*[nc]|>\d*q|\??\d+\$p|\?u|(?:1[1-9]|2[01])(?:;\d+)*t|\d*x)$/
/** Which colour; the value of a setting or a capability. */
const askingString = /^\x1b(?:\][^\x07\x1b]*\?(?:\x07|\x1b\\)|P[+$]q)/

/**
 * Whether a token makes the terminal answer. What was asked once must not be asked again when it is shown a second time: the
 * answer would be typed into a program that does not expect it.
 */
export function isQuery({kind, bytes}: TerminalToken): boolean {
  if (kind === 'csi') return askingCsi.test(bytes.toString('latin1'))
  return kind === 'string' && askingString.test(bytes.toString('latin1', 0, 256))
}

/** Text without ENQ, to which a terminal answers too. */
export function withoutEnquiry(text: Buffer): Buffer {
  return text.includes(0x05) ? Buffer.from(text.toString('latin1').replaceAll('\x05', ''), 'latin1') : text
}
