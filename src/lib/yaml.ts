import {plain, readFlow, YamlError, type YamlMapping, type YamlValue} from './yaml-flow.ts'

type Line = {readonly indent: number; readonly text: string; readonly number: number}

/** Reads the first document of `text`: block and flow collections, plain, quoted and block scalars. Throws YamlError. */
export function readYaml(text: string): YamlValue {
  const reader = new Reader(documentLines(text))
  const value = reader.block(0)
  reader.expectEnd()
  return value
}

/** The lines of the first document; `--- {}` leaves `{}` as a line of its own. */
function documentLines(text: string): Line[] {
  const lines: Line[] = []
  let begun = false
  for (const [index, raw] of text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/)
    .entries()) {
    const marker = /^---(?:\s+(.*))?$/.exec(raw)
    if (marker && begun && lines.some(line => line.text !== '')) break
    if (/^\.\.\.(\s|$)/.test(raw)) break
    if (raw.startsWith('%') && !begun) continue
    begun ||= marker !== null || raw.trim() !== ''
    const content = marker ? (marker[1] ?? '') : raw
    lines.push({indent: content.length - content.trimStart().length, text: content.trim(), number: index + 1})
  }
  return lines
}

class Reader {
  readonly #lines: readonly Line[]
  #at = 0

  constructor(lines: readonly Line[]) {
    this.#lines = lines
  }

  /** The node that begins at the next line, when that is indented by at least `indent`; else null. */
  block(indent: number): YamlValue {
    const line = this.#next()
    if (!line || line.indent < indent) return null
    if (isItem(line.text)) return this.#sequence(line.indent)
    if (splitKey(line) !== undefined) return this.#mapping(line.indent)
    this.#at += 1
    return this.#value(line.text, indent - 1, line)
  }

  expectEnd(): void {
    const line = this.#next()
    if (line) throw new YamlError('more follows after the end of the document’s value', line.number)
  }

  #next(): Line | undefined {
    while (this.#at < this.#lines.length) {
      const line = this.#lines[this.#at]
      if (line && line.text !== '' && !line.text.startsWith('#')) return line
      this.#at += 1
    }
    return undefined
  }

  #sequence(indent: number): readonly YamlValue[] {
    const items: YamlValue[] = []
    for (let line = this.#next(); line && line.indent === indent && isItem(line.text); line = this.#next()) {
      const rest = line.text.slice(1).trimStart()
      if (rest === '' || rest.startsWith('#')) {
        this.#at += 1
        items.push(this.block(indent + 1))
      } else if (splitKey({...line, text: rest}) !== undefined || isItem(rest)) {
        // A mapping or sequence that begins behind the dash: read on as if it stood on a line of its own.
        const inner = {indent: indent + line.text.length - rest.length, text: rest, number: line.number}
        items.push(this.#nested(inner))
      } else {
        this.#at += 1
        items.push(this.#value(rest, indent, line))
      }
    }
    this.#refuseDeeper(indent)
    return items
  }

  #nested(first: Line): YamlValue {
    const rest = new Reader([first, ...this.#lines.slice(this.#at + 1)])
    const value = rest.block(first.indent)
    this.#at += rest.#at
    return value
  }

  #mapping(indent: number): YamlMapping {
    const entries = new Map<string, YamlValue>()
    for (let line = this.#next(); line && line.indent === indent && !isItem(line.text); line = this.#next()) {
      const split = splitKey(line)
      if (!split) throw new YamlError('a key and a colon are missing', line.number)
      this.#at += 1
      entries.set(split.key, split.rest === '' || split.rest.startsWith('#') ? this.#below(indent) : this.#value(split.rest, indent, line))
    }
    this.#refuseDeeper(indent)
    return entries
  }

  /** The value below a key: deeper, or a sequence at the key's own depth. */
  #below(indent: number): YamlValue {
    const line = this.#next()
    if (line && line.indent === indent && isItem(line.text)) return this.#sequence(indent)
    return this.block(indent + 1)
  }

  #refuseDeeper(indent: number): void {
    const line = this.#next()
    if (line && line.indent > indent) throw new YamlError('the indentation fits nothing above it', line.number)
  }

  #value(text: string, indent: number, line: Line): YamlValue {
    if (/^[|>]/.test(text)) return this.#blockScalar(text, indent, line)
    if (/^[&*!@`%]/.test(text) || /^\?(\s|$)/.test(text))
      throw new YamlError('anchors, aliases, tags and complex keys are not read here', line.number)
    if (/^["'[{]/.test(text)) return this.#flow(text, line)
    return plain(this.#folded(withoutComment(text), indent))
  }

  /** A plain scalar goes on over lines that are indented deeper than its key. */
  #folded(first: string, indent: number): string {
    let text = first
    for (let line = this.#lines[this.#at]; line && (line.text === '' || line.indent > indent); line = this.#lines[this.#at]) {
      if (line.text === '' && !this.#goesOnBelow(indent)) break
      if (line.text.startsWith('#')) break
      if (line.text !== '' && splitKey(line)) throw new YamlError('the indentation fits nothing above it', line.number)
      text += line.text === '' ? '\n' : `${text.endsWith('\n') ? '' : ' '}${withoutComment(line.text)}`
      this.#at += 1
    }
    return text
  }

  #goesOnBelow(indent: number): boolean {
    const line = this.#lines.slice(this.#at).find(each => each.text !== '')
    return line !== undefined && line.indent > indent
  }

  #blockScalar(header: string, indent: number, line: Line): string {
    const [, style = '|', modifiers = ''] = /^([|>])([-+0-9]*)\s*(?:#.*)?$/.exec(header) ?? []
    if (header !== '' && !/^[|>][-+0-9]*\s*(#.*)?$/.test(header)) throw new YamlError('no such block scalar', line.number)
    const rows: Line[] = []
    for (let row = this.#lines[this.#at]; row && (row.text === '' || row.indent > indent); row = this.#lines[this.#at]) {
      rows.push(row)
      this.#at += 1
    }
    while (rows.at(-1)?.text === '') rows.pop()
    const depth = /\d/.test(modifiers)
      ? Math.max(indent, 0) + Number(/\d+/.exec(modifiers)?.[0])
      : (rows.find(row => row.text !== '')?.indent ?? 0)
    const texts = rows.map(row => (row.text === '' ? '' : ' '.repeat(Math.max(0, row.indent - depth)) + row.text))
    const body =
      style === '|'
        ? texts.join('\n')
        : texts
            .join('\n')
            .replaceAll(/([^\n])\n(?=[^\n ])/g, '$1 ')
            .replaceAll('\n\n', '\n')
    return modifiers.includes('-') || body === '' ? body : `${body}\n`
  }

  /** Quoted scalars and flow collections, which may span lines. */
  #flow(first: string, line: Line): YamlValue {
    let text = first
    for (;;) {
      const read = readFlow(text, line.number)
      if (read) {
        const rest = text.slice(read.end).trim()
        if (rest !== '' && !rest.startsWith('#')) throw new YamlError('text follows after the end of a value', line.number)
        return read.value
      }
      const more = this.#lines[this.#at]
      if (!more) throw new YamlError('a quote or bracket is not closed', line.number)
      // A backslash at the end of a line of a double-quoted text joins without a blank.
      text = /(?:^|[^\\])(?:\\\\)*\\$/.test(text) ? text.slice(0, -1) + more.text : `${text}${more.text === '' ? '\n' : ` ${more.text}`}`
      this.#at += 1
    }
  }
}

function isItem(text: string): boolean {
  return text === '-' || text.startsWith('- ')
}

/** `key: rest` of a block mapping; undefined when the line is none. */
function splitKey(line: Line): {key: string; rest: string} | undefined {
  const quoted = /^("(?:[^"\\]|\\.)*"|'(?:[^']|'')*')\s*:(?:\s+(.*))?$/.exec(line.text)
  if (quoted?.[1] !== undefined) return {key: String(readFlow(quoted[1], line.number)?.value), rest: quoted[2] ?? ''}
  const bare = /^([^\s"'[\]{}&*!|>%@`#,][^#]*?|[^\s"'[\]{}&*!|>%@`#,])\s*:(?:\s+(.*))?$/.exec(line.text)
  return bare?.[1] === undefined ? undefined : {key: bare[1], rest: bare[2] ?? ''}
}

function withoutComment(text: string): string {
  return text.replace(/\s+#.*$/, '')
}
