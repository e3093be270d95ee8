import {hash} from 'node:crypto'
import type {ByteName} from '../../lib/file-name.ts'

/** Name of an object in the store: the 32 bytes of a SHA-256, one character each. */
export type ObjectId = string

/** What a folder of a slug holds: files by their content, links, folders by theirs. */
export type TreeEntry =
  | {readonly kind: 'file'; readonly name: ByteName; readonly isExecutable: boolean; readonly sizeBytes: number; readonly content: ObjectId}
  | {readonly kind: 'link'; readonly name: ByteName; readonly target: ByteName}
  | {readonly kind: 'folder'; readonly name: ByteName; readonly folder: ObjectId}

/** The id of a file's content. */
export function contentId(content: Uint8Array): ObjectId {
  return hash('sha256', content, 'binary')
}

/** In the order of the canonical tar: bytewise by path, a folder as if its name ended in `/`. */
export function inTreeOrder(
  one: {readonly kind: string; readonly name: ByteName},
  other: {readonly kind: string; readonly name: ByteName},
): number {
  const [first, second] = [orderKey(one), orderKey(other)]
  return first < second ? -1 : first > second ? 1 : 0
}

function orderKey({kind, name}: {readonly kind: string; readonly name: ByteName}): string {
  return kind === 'folder' ? `${name}/` : name
}

const magic = 'homeport folder 1\n'

/** The object of a folder; its id is the SHA-256 of these bytes. `entries` are in tree order. */
export function encodeFolder(entries: readonly TreeEntry[]): Buffer {
  let bytes = magic
  for (const entry of entries) {
    bytes += letterOf(entry) + encodeText(entry.name)
    if (entry.kind === 'file') bytes += entry.content + encodeNumber(entry.sizeBytes)
    else bytes += entry.kind === 'link' ? encodeText(entry.target) : entry.folder
  }
  return Buffer.from(bytes, 'latin1')
}

function letterOf(entry: TreeEntry): string {
  if (entry.kind === 'file') return entry.isExecutable ? 'x' : 'f'
  return entry.kind === 'link' ? 'l' : 'd'
}

/** Reads what `encodeFolder` wrote. Throws RangeError on anything else. */
export function decodeFolder(object: Buffer): readonly TreeEntry[] {
  const reader = new ByteReader(object)
  if (reader.text(magic.length) !== magic) throw new RangeError('no folder')
  const entries: TreeEntry[] = []
  while (!reader.isAtEnd) entries.push(decodeEntry(reader))
  return entries
}

const idBytes = 32

function decodeEntry(reader: ByteReader): TreeEntry {
  const letter = reader.text(1)
  const name = reader.text(reader.number())
  if (letter === 'd') return {kind: 'folder', name, folder: reader.text(idBytes)}
  if (letter === 'l') return {kind: 'link', name, target: reader.text(reader.number())}
  if (letter !== 'f' && letter !== 'x') throw new RangeError('an entry of an unknown kind')
  return {kind: 'file', name, isExecutable: letter === 'x', content: reader.text(idBytes), sizeBytes: reader.number()}
}

function encodeText(text: ByteName): string {
  return encodeNumber(text.length) + text
}

/** Seven bits a byte, lowest first; the eighth says that more follow. */
function encodeNumber(value: number): string {
  let bytes = ''
  let rest = value
  for (; rest > 0x7f; rest = Math.floor(rest / 0x80)) bytes += String.fromCharCode((rest % 0x80) | 0x80)
  return bytes + String.fromCharCode(rest)
}

class ByteReader {
  readonly #bytes: Buffer
  #at = 0

  constructor(bytes: Buffer) {
    this.#bytes = bytes
  }

  get isAtEnd(): boolean {
    return this.#at === this.#bytes.length
  }

  text(length: number): ByteName {
    const end = this.#at + length
    if (end > this.#bytes.length) throw new RangeError('ends too early')
    const text = this.#bytes.toString('latin1', this.#at, end)
    this.#at = end
    return text
  }

  number(): number {
    let value = 0
    for (let factor = 1; factor < Number.MAX_SAFE_INTEGER; factor *= 0x80) {
      const byte = this.#bytes[this.#at++]
      if (byte === undefined) throw new RangeError('ends too early')
      value += (byte & 0x7f) * factor
      if (byte < 0x80) return value
    }
    throw new RangeError('a number that is too large')
  }
}
