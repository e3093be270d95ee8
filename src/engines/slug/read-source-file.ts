import {createHash} from 'node:crypto'
import {closeSync, constants, fstatSync, openSync, readSync, type Stats} from 'node:fs'
import {type BinaryFacts, binaryHeadBytes, looksBinary, readBinary} from '../../lib/binary-format.ts'
import {type ByteName, pathOf, shownName} from '../../lib/file-name.ts'
import {HomeportError} from '../../model/error.ts'
import {contentId, type ObjectId} from './tree-object.ts'

/** A file of the folder that becomes a slug, open for reading. */
export class SourceFile implements Disposable {
  readonly sizeBytes: number
  readonly isExecutable: boolean
  readonly stats: Stats
  readonly #path: ByteName
  readonly #descriptor: number

  constructor(path: ByteName) {
    this.#path = path
    this.#descriptor = open(path)
    this.stats = fstatSync(this.#descriptor)
    this.sizeBytes = this.stats.size
    this.isExecutable = isExecutable(this.stats)
  }

  /** Reads the next bytes into all of `room`. Throws BUILD_FAILED when the file has become shorter meanwhile. */
  fill(room: Buffer): void {
    let filled = 0
    while (filled < room.length) {
      const count = readSync(this.#descriptor, room, filled, room.length - filled, null)
      if (count === 0) throw changed(this.#path)
      filled += count
    }
  }

  /** What kind of program or library it is; `head` is its beginning. */
  facts(head: Buffer): BinaryFacts | undefined {
    if (!looksBinary(head.subarray(0, binaryHeadBytes))) return undefined
    return readBinary((position, length) => this.#readAt(position, length))
  }

  /** Whether the file was written to since it was opened. */
  hasChanged(): boolean {
    const {size, mtimeMs, ctimeMs} = fstatSync(this.#descriptor)
    return size !== this.stats.size || mtimeMs !== this.stats.mtimeMs || ctimeMs !== this.stats.ctimeMs
  }

  changed(): HomeportError {
    return changed(this.#path)
  }

  [Symbol.dispose](): void {
    closeSync(this.#descriptor)
  }

  #readAt(position: number, length: number): Buffer {
    if (!(position >= 0 && position < this.sizeBytes)) return Buffer.alloc(0)
    const bytes = Buffer.alloc(Math.min(length, this.sizeBytes - position))
    return bytes.subarray(0, readSync(this.#descriptor, bytes, 0, bytes.length, position))
  }
}

/** The content id and the kind of a file, by reading all of it through `buffer`. */
export function identifyFile(path: ByteName, buffer: Buffer): {content: ObjectId; facts: BinaryFacts | undefined} {
  using file = new SourceFile(path)
  const first = buffer.subarray(0, Math.min(buffer.length, file.sizeBytes))
  file.fill(first)
  const facts = file.facts(first)
  if (first.length === file.sizeBytes) return {content: contentId(first), facts}
  const digest = createHash('sha256').update(first)
  for (let left = file.sizeBytes - first.length; left > 0; ) {
    const part = buffer.subarray(0, Math.min(buffer.length, left))
    file.fill(part)
    digest.update(part)
    left -= part.length
  }
  return {content: digest.digest('binary'), facts}
}

/** The run bit of the owner alone counts, as for git. */
export function isExecutable({mode}: Pick<Stats, 'mode'>): boolean {
  return (mode & 0o100) !== 0
}

/** Not through a link, and not waiting for the other end of a pipe, should the file have become one meanwhile. */
function open(path: ByteName): number {
  try {
    return openSync(pathOf(path), constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK)
  } catch (cause) {
    const {code} = cause as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ELOOP') throw changed(path)
    if (code !== 'EACCES' && code !== 'EPERM') throw cause
    throw new HomeportError('FILE_UNREADABLE', `${shownName(path)} cannot be read.`, {
      hint: 'Make it readable for this user, or keep it out of the slug with .slugignore.',
      cause,
    })
  }
}

function changed(path: ByteName): HomeportError {
  return new HomeportError('BUILD_FAILED', `${shownName(path)} changed while it was packed.`, {
    hint: 'See to it that nothing writes into the folder, then build again.',
  })
}
