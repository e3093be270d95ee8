/** A value of a JSON text with the place where it begins; lines and columns count from 1. */
export type JsonNode = JsonPlace &
  (
    | {readonly kind: 'string'; readonly value: string}
    | {readonly kind: 'number'; readonly value: number}
    | {readonly kind: 'boolean'; readonly value: boolean}
    | {readonly kind: 'null'}
    | {readonly kind: 'array'; readonly items: readonly JsonNode[]}
    | {readonly kind: 'object'; readonly members: ReadonlyMap<string, JsonMember>}
  )
export type JsonPlace = {readonly line: number; readonly column: number}
export type JsonMember = {readonly key: JsonPlace; readonly value: JsonNode}

/** What is wrong with a JSON text, without any of its values. `remove` is the range whose removal mends it. */
export type JsonFault = JsonPlace & {
  readonly kind: 'trailing-comma' | 'missing-comma' | 'comment' | 'duplicate-key' | 'bad-string' | 'nested-too-deep' | 'not-json'
  readonly message: string
  readonly remove?: {readonly start: number; readonly end: number}
}

/** Deeper nesting is refused: the reader recurses, and no file for people is that deep. */
const maxDepth = 100
/** More faults than these help nobody. */
const maxFaults = 100

/**
 * Reads a JSON text and says where each value stands, in linear time, lines ended by `\n`. Goes on after the usual slips
 * (a comma before a bracket, one that is missing, a comment, a name twice: the last counts); stops at the first thing that is no
 * JSON, with what it has read so far.
 */
export function parseJson(text: string): {readonly root?: JsonNode; readonly faults: readonly JsonFault[]} {
  const reader = new JsonReader(text)
  const root = reader.readAll()
  return {...(root === undefined ? {} : {root}), faults: reader.faults}
}

const blank = /[ \t\n]*/y
const comment = /\/\/[^\n]*|\/\*[\s\S]*?\*\//y
const number = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.])/y
const word = /[A-Za-z_$][\w$]*/y

class JsonReader {
  readonly faults: JsonFault[] = []
  readonly #text: string
  #at = 0
  #line = 1
  #lineStart = 0
  /** Set by the first fault that ends the reading. */
  #isOver = false

  constructor(text: string) {
    this.#text = text
  }

  readAll(): JsonNode | undefined {
    this.#skipBlanks()
    const root = this.#readValue(0)
    this.#skipBlanks()
    if (!this.#isOver && this.#at < this.#text.length) this.#stop('There is more behind the end of the value.')
    return root
  }

  #readValue(depth: number): JsonNode | undefined {
    const place = this.#place()
    switch (this.#text[this.#at]) {
      case '{':
        return this.#readObject(depth, place)
      case '[':
        return this.#readArray(depth, place)
      case '"': {
        const value = this.#readString()
        return value === undefined ? undefined : {kind: 'string', value, ...place}
      }
      default:
        return this.#readScalar(place)
    }
  }

  #readObject(depth: number, place: JsonPlace): JsonNode | undefined {
    const members = new Map<string, JsonMember>()
    this.#readList('}', depth, () => {
      const key = this.#place()
      if (this.#text[this.#at] !== '"') return this.#stop('A name in double quotes is missing.')
      const name = this.#readString()
      if (name === undefined) return
      this.#skipBlanks()
      if (this.#text[this.#at] !== ':') return this.#stop(`A colon is missing behind the name “${shorten(name)}”.`)
      this.#at += 1
      this.#skipBlanks()
      const value = this.#readValue(depth + 1)
      if (value === undefined) return
      if (members.has(name)) this.#fault(key, 'duplicate-key', `The name “${shorten(name)}” stands here twice; the last one counts.`)
      members.set(name, {key, value})
    })
    return {kind: 'object', members, ...place}
  }

  #readArray(depth: number, place: JsonPlace): JsonNode | undefined {
    const items: JsonNode[] = []
    this.#readList(']', depth, () => {
      const item = this.#readValue(depth + 1)
      if (item !== undefined) items.push(item)
    })
    return {kind: 'array', items, ...place}
  }

  /** From an opening bracket to its `end`; `readItem` reads what stands between the commas. */
  #readList(end: ']' | '}', depth: number, readItem: () => void): undefined {
    if (depth >= maxDepth) return this.#stop(`Nested deeper than ${maxDepth} levels.`, 'nested-too-deep')
    this.#at += 1
    this.#skipBlanks()
    let comma: {at: number; place: JsonPlace} | undefined
    while (!this.#isOver && this.#text[this.#at] !== end) {
      readItem()
      this.#skipBlanks()
      if (this.#isOver) return
      if (this.#text[this.#at] === ',') {
        comma = {at: this.#at, place: this.#place()}
        this.#at += 1
        this.#skipBlanks()
      } else {
        comma = undefined
        if (this.#text[this.#at] === end) break
        if (!/["{[\w-]/.test(this.#text[this.#at] ?? '')) return this.#stop(`A comma or ${end} is missing.`)
        this.#fault(this.#place(), 'missing-comma', 'A comma is missing before this.')
      }
    }
    if (this.#isOver) return
    if (comma !== undefined) {
      const remove = {start: comma.at, end: comma.at + 1}
      this.#fault(comma.place, 'trailing-comma', `A comma before the closing ${end}.`, remove)
    }
    this.#at += 1
  }

  #readString(): string | undefined {
    const place = this.#place()
    const start = this.#at
    let at = start + 1
    for (; at < this.#text.length; at += 1) {
      const character = this.#text[at]
      if (character === '\\') at += 1
      else if (character === '"' || character === '\n') break
    }
    if (this.#text[at] !== '"') {
      return this.#stop('A string that no double quote closes on its line.', 'bad-string')
    }
    this.#at = at + 1
    const literal = this.#text.slice(start, at + 1)
    try {
      return JSON.parse(literal) as string
    } catch {
      this.#fault(place, 'bad-string', 'A string with a tab, another control character or an unknown escape in it.')
      return literal.slice(1, -1)
    }
  }

  #readScalar(place: JsonPlace): JsonNode | undefined {
    const found = this.#match(number)
    if (found !== undefined) return {kind: 'number', value: Number(found), ...place}
    const name = this.#match(word)
    if (name === 'null') return {kind: 'null', ...place}
    if (name === 'true' || name === 'false') return {kind: 'boolean', value: name === 'true', ...place}
    this.#at -= name?.length ?? 0
    if (this.#text[this.#at] === "'") return this.#stop('JSON knows double quotes only.', 'bad-string')
    return this.#stop('A value is missing here.')
  }

  #skipBlanks(): void {
    for (;;) {
      this.#passLines(this.#match(blank))
      const place = this.#place()
      const start = this.#at
      const skipped = this.#match(comment)
      if (skipped === undefined) return
      this.#passLines(skipped)
      this.#fault(place, 'comment', 'JSON has no comments.', {start, end: this.#at})
    }
  }

  #match(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at
    const matched = pattern.exec(this.#text)?.[0]
    this.#at += matched?.length ?? 0
    return matched
  }

  /** Counts the lines of `passed`, which ends where the reader stands. */
  #passLines(passed = ''): void {
    const start = this.#at - passed.length
    for (let at = passed.indexOf('\n'); at !== -1; at = passed.indexOf('\n', at + 1)) {
      this.#line += 1
      this.#lineStart = start + at + 1
    }
  }

  #place(): JsonPlace {
    return {line: this.#line, column: this.#at - this.#lineStart + 1}
  }

  #fault(place: JsonPlace, kind: JsonFault['kind'], message: string, remove?: JsonFault['remove']): void {
    if (this.faults.length < maxFaults) this.faults.push({...place, kind, message, ...(remove === undefined ? {} : {remove})})
  }

  #stop(message: string, kind: JsonFault['kind'] = 'not-json'): undefined {
    if (this.#isOver) return
    this.#isOver = true
    const isAtEnd = this.#at >= this.#text.length
    this.faults.push({...this.#place(), kind, message: isAtEnd ? 'The text ends before its value does.' : message})
  }
}

function shorten(name: string): string {
  return name.length > 60 ? `${name.slice(0, 59)}…` : name
}
