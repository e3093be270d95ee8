import {closeSync, fstatSync, openSync} from 'node:fs'
import {basename} from 'node:path'
import {archiveParts, UnpackError} from '../../lib/archive-parts.ts'
import {byteName, shownName} from '../../lib/file-name.ts'
import {TarError, type TarMember, TarReader, type TarSink} from '../../lib/tar-reader.ts'
import {type ArchiveLimits, type ArchivePlan, ArchivePolicy, ArchiveRefusal} from '../../model/archive-policy.ts'
import {HomeportError} from '../../model/error.ts'
import {TreeWriter} from './tree-writer.ts'

export type ExtractOptions = {
  /** A new folder, or one with nothing in it. */
  readonly to: string
  readonly limits?: Partial<ArchiveLimits>
}

/** What is to be known of an archive that was written out. */
export type Extracted = Pick<ArchivePlan, 'wasBelowApp' | 'unpackedBytes'> & {readonly members: number}

/**
 * Writes out an archive that somebody else may have made: plain, gzip or zstd. The whole list is judged before the first byte is
 * written, so of a refused archive nothing is ever on the disk. Rejects with ARCHIVE_REFUSED, which names the member and the
 * reason; when writing fails (DISK_FULL …) what was written is removed.
 */
export async function extractArchive(file: string, {to, limits}: ExtractOptions): Promise<Extracted> {
  const descriptor = openArchive(file)
  try {
    const plan = await refusing(file, () => judge(descriptor, limits))
    await refusing(file, () => write(descriptor, plan, to))
    return {wasBelowApp: plan.wasBelowApp, unpackedBytes: plan.unpackedBytes, members: plan.members.length}
  } finally {
    closeSync(descriptor)
  }
}

function openArchive(file: string): number {
  let descriptor: number
  try {
    descriptor = openSync(file, 'r')
  } catch (cause) {
    throw new HomeportError('FLAG_INVALID', `${file} cannot be read: ${(cause as Error).message}`, {
      hint: 'Name the file of a slug archive.',
      cause,
    })
  }
  const stats = fstatSync(descriptor)
  if (stats.isFile()) return descriptor
  closeSync(descriptor)
  throw new HomeportError('FLAG_INVALID', `${file} is no file.`, {
    hint: 'Name the file of a slug archive; it is read twice, so it cannot be a pipe.',
  })
}

/** The first reading: nothing is written. */
async function judge(descriptor: number, limits: Partial<ArchiveLimits> | undefined): Promise<ArchivePlan> {
  const policy = new ArchivePolicy(limits)
  const reader = new TarReader({member: member => policy.add(member), data: () => {}, memberEnd: () => {}})
  let unpackedBytes = 0
  for await (const {bytes, readBytes} of archiveParts(descriptor)) {
    unpackedBytes += bytes.length
    policy.checkRatio({readBytes, unpackedBytes})
    reader.write(bytes)
  }
  if (unpackedBytes === 0) throw new ArchiveRefusal('it is empty')
  reader.end()
  return policy.finish()
}

/** The second reading. Should the file be another one by now, that is refused too. */
async function write(descriptor: number, plan: ArchivePlan, to: string): Promise<void> {
  const writer = new TreeWriter(to)
  try {
    const reader = new TarReader(new PlanFollower(plan, writer))
    for await (const {bytes} of archiveParts(descriptor)) reader.write(bytes)
    reader.end()
    writer.finish()
  } catch (error) {
    writer.abandon()
    throw unwritable(error) ?? error
  }
}

/** Names that other machines tell apart and this disk does not (upper and lower case), or that it cannot hold. */
function unwritable(error: unknown): ArchiveRefusal | undefined {
  const {code, path} = error as NodeJS.ErrnoException
  if (code === undefined || !['EEXIST', 'EILSEQ', 'ENAMETOOLONG', 'EISDIR', 'ENOTDIR'].includes(code)) return undefined
  return new ArchiveRefusal(`this disk cannot hold it beside the others (${code})`, path === undefined ? undefined : byteName(path))
}

class PlanFollower implements TarSink {
  readonly #plan: ArchivePlan
  readonly #writer: TreeWriter
  #next = 0

  constructor(plan: ArchivePlan, writer: TreeWriter) {
    this.#plan = plan
    this.#writer = writer
  }

  member(member: TarMember): void {
    const [planned, original] = [this.#plan.members[this.#next], this.#plan.originals[this.#next]]
    this.#next++
    if (planned === undefined || original === undefined || !isSame(member, original)) {
      throw new ArchiveRefusal('it changed while it was read', member.name)
    }
    if (planned.kind === 'folder') this.#writer.folder(planned.path)
    else if (planned.kind === 'link') this.#writer.link(planned.path, planned.target)
    else if (planned.kind === 'copy') this.#writer.copy(planned.path, planned.from, planned)
    else this.#writer.openFile(planned.path, planned)
  }

  data(part: Buffer): void {
    this.#writer.write(part)
  }

  memberEnd(): void {
    this.#writer.closeFile()
  }
}

function isSame(one: TarMember, other: TarMember): boolean {
  return one.name === other.name && one.kind === other.kind && one.sizeBytes === other.sizeBytes && one.target === other.target
}

/** Whatever says that the archive is not to be trusted becomes the one error that the user sees. */
async function refusing<T>(file: string, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (cause) {
    const reason = reasonOf(cause)
    if (reason === undefined) throw cause
    throw new HomeportError('ARCHIVE_REFUSED', `${basename(file)} is refused: ${reason}.`, {
      hint:
        cause instanceof ArchiveRefusal && cause.isTooLarge
          ? 'Nothing of it was kept. If you trust it, allow more: --max-size 2G'
          : 'Nothing of it was kept. Archives made by `homeport slugs:export` or by `tar czf slug.tgz ./app` are accepted.',
      cause,
    })
  }
}

function reasonOf(error: unknown): string | undefined {
  if (error instanceof ArchiveRefusal) return error.message
  if (error instanceof TarError) return error.member === undefined ? `it ${error.message}` : `${shownName(error.member)}: ${error.message}`
  return error instanceof UnpackError ? `it ${error.message}` : undefined
}
