/** What a YAML text says: scalars stay text, as written or unquoted (`null`, `~` and nothing are null), and mappings keep their order. */
export type YamlValue = string | null | readonly YamlValue[] | YamlMapping
export type YamlMapping = ReadonlyMap<string, YamlValue>

/** A line that is no YAML, or a part of YAML that is not read here (anchors, aliases, tags, complex keys). */
export class YamlError extends Error {
  readonly line: number

  constructor(message: string, line: number) {
    super(message)
    this.name = 'YamlError'
    this.line = line
  }
}

/** A plain scalar: null when it says nothing. */
export function plain(text: string): string | null {
  return /^(~|null|Null|NULL|)$/.test(text) ? null : text
}

type FlowRead = {readonly value: YamlValue; readonly end: number}

/** Reads one flow value (quoted scalar, list, map) at the start of `text`; undefined when it is not closed yet. */
export function readFlow(text: string, number: number, inCollection = false): FlowRead | undefined {
  const start = text.length - text.trimStart().length
  const opener = text[start]
  if (opener === '"' || opener === "'") return readQuoted(text, start, number)
  if (opener === '[' || opener === '{') return readCollection(text, start, number)
  if (!inCollection) return undefined
  const end = /[,\]}]|:(?=\s|$)|\s#/.exec(text.slice(start))
  return end ? {value: plain(text.slice(start, start + end.index).trim()), end: start + end.index} : undefined
}

function readCollection(text: string, start: number, number: number): FlowRead | undefined {
  const isList = text[start] === '['
  const list: YamlValue[] = []
  const map = new Map<string, YamlValue>()
  let at = start + 1
  for (;;) {
    at = skipBlanks(text, at)
    if (at >= text.length) return undefined
    if (text[at] === (isList ? ']' : '}')) return {value: isList ? list : map, end: at + 1}
    const item = readFlow(text.slice(at), number, true)
    if (!item) return undefined
    at = skipBlanks(text, at + item.end)
    if (isList) list.push(item.value)
    else {
      const colon = text[at] === ':'
      const value = colon ? readFlow(text.slice(at + 1), number, true) : {value: null, end: -1}
      if (!value) return undefined
      map.set(String(item.value), value.value)
      at = skipBlanks(text, at + 1 + value.end)
    }
    if (text[at] === ',') at += 1
    else if (at < text.length && text[at] !== (isList ? ']' : '}')) throw new YamlError('a comma or a closing bracket is missing', number)
  }
}

function skipBlanks(text: string, at: number): number {
  let end = at
  while (end < text.length && /\s/.test(text[end] ?? '')) end += 1
  return end
}

const escapes: Readonly<Record<string, string>> = {
  n: '\n',
  t: '\t',
  r: '\r',
  '0': '\0',
  e: '\x1b',
  a: '\x07',
  b: '\b',
  f: '\f',
  v: '\v',
  _: '\u00a0',
}

function readQuoted(text: string, start: number, number: number): FlowRead | undefined {
  const quote = text[start]
  let value = ''
  for (let at = start + 1; at < text.length; at += 1) {
    const character = text[at] ?? ''
    if (character === quote) {
      if (quote === "'" && text[at + 1] === "'") at += 1
      else return {value, end: at + 1}
    }
    if (quote === '"' && character === '\\') {
      const code = /^(?:x([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8}))/.exec(text.slice(at + 1))
      const digits = code?.[1] ?? code?.[2] ?? code?.[3]
      if (at + 1 >= text.length) return undefined
      if (digits !== undefined) {
        const point = Number.parseInt(digits, 16)
        if (point > 0x10ffff) throw new YamlError('no such character', number)
        value += String.fromCodePoint(point)
      } else value += escapes[text[at + 1] ?? ''] ?? text[at + 1]
      at += digits === undefined ? 1 : 1 + digits.length
    } else value += character
  }
  return undefined
}
