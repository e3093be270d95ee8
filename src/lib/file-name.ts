/**
 * A name or path as the file system has it: one character from 0 to 255 for each byte. A name need not be UTF-8, so a plain
 * string would lose bytes; and these compare bytewise with `<`, as canonical archives need it.
 */
export type ByteName = string

const notAscii = /[^\x00-\x7f]/

/** The bytes of a text in UTF-8. */
export function byteName(text: string): ByteName {
  return notAscii.test(text) ? Buffer.from(text).toString('latin1') : text
}

/** What Node's fs functions take for it. */
export function pathOf(name: ByteName): string | Buffer {
  return notAscii.test(name) ? Buffer.from(name, 'latin1') : name
}

/** The name as a text to work with; bytes that are no UTF-8 become U+FFFD. */
export function textOf(name: ByteName): string {
  return notAscii.test(name) ? Buffer.from(name, 'latin1').toString('utf8') : name
}

/** The name as a text to show in one line: what could move the cursor or hide characters is written as an escape. */
export function shownName(name: ByteName): string {
  return textOf(name).replaceAll(/[\p{Cc}\p{Cf}\u2028\u2029]/gu, character => {
    const short = {'\n': '\\n', '\r': '\\r', '\t': '\\t'}[character]
    return short ?? `\\u${(character.codePointAt(0) ?? 0).toString(16).padStart(4, '0')}`
  })
}

/** Bytewise order, for `sort`. */
export function inByteOrder(one: ByteName, other: ByteName): number {
  return one < other ? -1 : one > other ? 1 : 0
}
