import {createReadStream} from 'node:fs'
import {posix} from 'node:path'
import {extract, Parser, type ReadEntry} from 'tar'
import {HomeportError} from '../../model/error.ts'

/** What an archive of a buildpack may be: buildpacks are small, bombs are not. */
export const archiveLimits = {
  packedBytes: 256 * 1024 * 1024,
  bytes: 1024 * 1024 * 1024,
  members: 100_000,
  depth: 64,
  pathBytes: 4096,
} as const

/**
 * Unpacks a `.tgz` into an empty folder in two passes: the whole list is judged before anything is written (findings 4.5).
 * Throws ARCHIVE_REFUSED with the member and the reason.
 */
export async function unpackArchive(file: string, dir: string): Promise<void> {
  await judgeArchive(file)
  try {
    await extract({file, cwd: dir, strict: true, preserveOwner: false})
  } catch (error) {
    throw refuse('the archive', error instanceof Error ? error.message : String(error))
  }
}

/** The first pass. It ends with the chunk in which a member is refused, so that a bomb is never unpacked. */
async function judgeArchive(file: string): Promise<void> {
  const judge = new Judge()
  let refusal: unknown
  // What is thrown inside a listener of the parser reaches nobody: keep it.
  const parser = new Parser({
    strict: true,
    onReadEntry: entry => {
      try {
        judge.look(entry)
      } catch (error) {
        refusal ??= error
      }
      entry.resume()
    },
  })
  const ended = new Promise<void>(resolve => parser.on('end', resolve).on('error', resolve))
  parser.on('error', (error: Error) => {
    refusal ??= refuse('the archive', error.message)
  })
  for await (const chunk of createReadStream(file)) {
    parser.write(chunk as Buffer)
    if (refusal !== undefined) throw refusal
  }
  parser.end()
  await ended
  if (refusal !== undefined) throw refusal
  judge.end()
}

/** Looks at every member before any is written. */
class Judge {
  readonly #kinds = new Map<string, 'file' | 'folder' | 'link'>()
  #bytes = 0
  #members = 0

  look(entry: ReadEntry): void {
    const name = posix.normalize(entry.path).replace(/\/$/, '')
    this.#members += 1
    this.#bytes += entry.size
    if (this.#members > archiveLimits.members) throw refuse(entry.path, `more than ${archiveLimits.members} members`)
    if (this.#bytes > archiveLimits.bytes) throw refuse(entry.path, `more than ${archiveLimits.bytes} bytes unpacked`)
    this.#judgeName(entry.path, name)
    this.#judgeKind(entry, name)
  }

  end(): void {
    if (this.#members === 0) throw refuse('the archive', 'it has no members')
  }

  #judgeName(path: string, name: string): void {
    if (path === '' || path.includes('\0')) throw refuse(path, 'no such name can be')
    if (path.startsWith('/') || path.split('/').includes('..')) throw refuse(path, 'it leads out of the folder')
    if (Buffer.byteLength(path) > archiveLimits.pathBytes || name.split('/').length > archiveLimits.depth)
      throw refuse(path, 'its path is too long')
    for (let parent = posix.dirname(name); parent !== '.'; parent = posix.dirname(parent)) {
      const kind = this.#kinds.get(parent)
      if (kind !== undefined && kind !== 'folder') throw refuse(path, `it lies below ${parent}, which is no folder`)
    }
  }

  #judgeKind(entry: ReadEntry, name: string): void {
    const kind = kinds[entry.type]
    if (kind === undefined) throw refuse(entry.path, `a member of type ${entry.type}`)
    if (kind === 'folder' ? (this.#kinds.get(name) ?? 'folder') !== 'folder' : this.#kinds.has(name))
      throw refuse(entry.path, 'it is there twice')
    const target = entry.linkpath ?? ''
    if (entry.type === 'SymbolicLink' && isOutside(posix.join(posix.dirname(name), target), target))
      throw refuse(entry.path, `a link to ${target}`)
    if (entry.type === 'Link' && this.#kinds.get(posix.normalize(target)) !== 'file') throw refuse(entry.path, `a hard link to ${target}`)
    this.#kinds.set(name, kind)
  }
}

const kinds: Readonly<Record<string, 'file' | 'folder' | 'link'>> = {
  File: 'file',
  OldFile: 'file',
  ContiguousFile: 'file',
  Directory: 'folder',
  SymbolicLink: 'link',
  Link: 'file',
}

function isOutside(joined: string, target: string): boolean {
  return target === '' || target.startsWith('/') || joined === '..' || joined.startsWith('../')
}

function refuse(member: string, why: string): HomeportError {
  return new HomeportError('ARCHIVE_REFUSED', `The buildpack’s archive is refused: ${member}: ${why}.`)
}
