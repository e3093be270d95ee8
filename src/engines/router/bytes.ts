/** Which bytes may stand where in a message head; 1: allowed. Everything else is refused, so that the router never has to guess. */
const tokenChars = "!#$%&'*+-.^_`|~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
const hostChars = `!$%&'()*+,-.:;=[]_~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz`

/** Header names and methods. */
export const isToken = tableOf(code => tokenChars.includes(String.fromCharCode(code)))
/** Header values: no control character but the tab. */
export const isValue = tableOf(code => (code >= 0x20 && code !== 0x7f) || code === 0x09)
/** A request target up to its end or its fragment: no blank, no control character, no `#`. */
export const isTarget = tableOf(code => code > 0x20 && code !== 0x7f && code !== 0x23)
/** The value of Host. */
export const isHost = tableOf(code => hostChars.includes(String.fromCharCode(code)))

export const CR = 13
export const LF = 10
export const SP = 32
export const TAB = 9
export const COLON = 58

/** Results of the parsers: more bytes are needed, the head is complete, the head is refused. */
export const MORE = 0
export const DONE = 1
export const BAD = 2
export type ParseResult = typeof MORE | typeof DONE | typeof BAD

/** A name in lower case as bytes, for `hasName`. */
export function nameBytes(name: string): Uint8Array {
  return Uint8Array.from(name, char => char.charCodeAt(0))
}

/** Whether `name` stands at `from`, in any letter case. */
export function hasName(bytes: Uint8Array, from: number, name: Uint8Array): boolean {
  for (let i = 0; i < name.length; i++) {
    const byte = bytes[from + i] as number
    const wanted = name[i] as number
    if (byte !== wanted && (byte | 32) !== wanted) return false
  }
  return true
}

function tableOf(allowed: (code: number) => boolean): Uint8Array {
  return Uint8Array.from({length: 256}, (_, code) => (allowed(code) ? 1 : 0))
}
