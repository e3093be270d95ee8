import type {ByteName} from './file-name.ts'
import {type BlockFields, readBlock} from './tar-block.ts'
import {tarBlockBytes, tarPadding} from './tar-header.ts'
import {readPaxRecords} from './tar-pax.ts'

/** What a member is; `other` is anything that has no place in an app (a device, a pipe, a sparse file). */
export type TarKind = 'file' | 'folder' | 'link' | 'hard-link' | 'other'

/** A member of an archive as it is read, before anybody has judged it. */
export type TarMember = {
  readonly name: ByteName
  readonly kind: TarKind
  /** The letter or digit that the archive has for its kind. */
  readonly typeFlag: string
  readonly mode: number
  readonly sizeBytes: number
  /** Of a link or hard link. */
  readonly target: ByteName
}

export type TarSink = {
  member(member: TarMember): void
  /** A part of the content of the last member; valid until it returns. */
  data(part: Buffer): void
  /** All of the last member has been seen. */
  memberEnd(): void
}

/** Why bytes are no archive to be trusted; `member` is where, as far as that is known. */
export class TarError extends Error {
  readonly member: ByteName | undefined

  constructor(message: string, member?: ByteName) {
    super(message)
    this.name = 'TarError'
    this.member = member
  }
}

/** Names, links and PAX records of one member. */
const maxMetadataBytes = 1024 * 1024
/** GNU tar fills up to 10 KiB; more than this is no filling. */
const maxFillBytes = 1024 * 1024

const kinds: Readonly<Record<string, TarKind>> = {'0': 'file', '\0': 'file', '7': 'file', '1': 'hard-link', '2': 'link', '5': 'folder'}
const metadataFlags = {x: 'pax', g: 'global', L: 'name', K: 'target'} as const
type MetadataKind = (typeof metadataFlags)[keyof typeof metadataFlags]

/**
 * Reads a tar archive that comes in parts of any size: ustar, PAX, GNU long names and old archives. Strict: a wrong checksum,
 * a number that is none, a missing end or anything behind the end is a TarError. Synchronous, and holds no content.
 */
export class TarReader {
  readonly #sink: TarSink
  readonly #block = Buffer.alloc(tarBlockBytes)
  #blockFilled = 0
  #contentLeft = 0
  #paddingLeft = 0
  #zeroBlocks = 0
  #fillBytes = 0
  #members = 0
  #metadataKind: MetadataKind | undefined
  #metadata: Buffer[] = []
  #pending = new Map<MetadataKind, Buffer>()
  #lastName: ByteName | undefined

  constructor(sink: TarSink) {
    this.#sink = sink
  }

  write(part: Buffer): void {
    let rest = part
    while (rest.length > 0) {
      if (this.#contentLeft > 0) rest = this.#readContent(rest)
      else if (this.#paddingLeft > 0) rest = this.#skipPadding(rest)
      else rest = this.#readHeader(rest)
    }
  }

  /** No more parts. Throws when the archive is not whole. */
  end(): void {
    if (this.#members === 0 && this.#zeroBlocks === 0 && this.#blockFilled > 0) throw new TarError('is no tar archive')
    if (this.#zeroBlocks < 2 || this.#blockFilled > 0) throw new TarError('ends too early', this.#lastName)
  }

  #readContent(part: Buffer): Buffer {
    const content = part.subarray(0, this.#contentLeft)
    this.#contentLeft -= content.length
    if (this.#metadataKind === undefined) this.#sink.data(content)
    else this.#metadata.push(Buffer.from(content))
    if (this.#contentLeft === 0) this.#endContent()
    return part.subarray(content.length)
  }

  #endContent(): void {
    if (this.#metadataKind === undefined) this.#sink.memberEnd()
    else this.#keepMetadata(this.#metadataKind, Buffer.concat(this.#metadata))
    this.#metadataKind = undefined
    this.#metadata = []
  }

  #skipPadding(part: Buffer): Buffer {
    const skipped = Math.min(part.length, this.#paddingLeft)
    this.#paddingLeft -= skipped
    return part.subarray(skipped)
  }

  #readHeader(part: Buffer): Buffer {
    if (this.#blockFilled === 0 && part.length >= tarBlockBytes) {
      this.#header(part.subarray(0, tarBlockBytes))
      return part.subarray(tarBlockBytes)
    }
    const taken = part.copy(this.#block, this.#blockFilled, 0, tarBlockBytes - this.#blockFilled)
    this.#blockFilled += taken
    if (this.#blockFilled === tarBlockBytes) {
      this.#blockFilled = 0
      this.#header(this.#block)
    }
    return part.subarray(taken)
  }

  #header(block: Buffer): void {
    if (isZero(block)) {
      this.#zeroBlock()
      return
    }
    if (this.#zeroBlocks > 0) throw new TarError('goes on behind its end', this.#lastName)
    const fields = readBlock(block)
    if (typeof fields === 'string') {
      throw this.#members === 0 && this.#pending.size === 0 ? new TarError('is no tar archive') : new TarError(fields, this.#lastName)
    }
    const metadataKind = isMetadata(fields.typeFlag) ? metadataFlags[fields.typeFlag] : undefined
    if (metadataKind === undefined) this.#member(fields)
    else this.#startMetadata(metadataKind, fields)
  }

  #zeroBlock(): void {
    this.#zeroBlocks++
    if (this.#zeroBlocks === 1) {
      if (this.#pending.size > 0) throw new TarError('ends too early', this.#lastName)
      return
    }
    this.#fillBytes += tarBlockBytes
    if (this.#fillBytes > maxFillBytes) throw new TarError('goes on behind its end', this.#lastName)
  }

  #startMetadata(kind: MetadataKind, {sizeBytes}: BlockFields): void {
    if (sizeBytes > maxMetadataBytes) throw new TarError(`more than ${maxMetadataBytes} bytes of names and attributes`, this.#lastName)
    if (this.#pending.has(kind)) throw new TarError('two headers of one kind for one member', this.#lastName)
    this.#metadataKind = kind
    this.#contentLeft = sizeBytes
    this.#paddingLeft = tarPadding(sizeBytes)
    if (sizeBytes === 0) this.#endContent()
  }

  #keepMetadata(kind: MetadataKind, content: Buffer): void {
    if (kind !== 'global') this.#pending.set(kind, content)
    else this.#checkGlobal(readPaxRecords(content))
  }

  /** What holds for all members may be a comment (git's commit) or a time, nothing that says what a member is. */
  #checkGlobal(records: ReadonlyMap<string, ByteName> | undefined): void {
    if (records === undefined) throw new TarError('a PAX header that cannot be read', this.#lastName)
    const wrong = [...records.keys()].find(key => ['path', 'linkpath', 'size'].includes(key) || key.startsWith('GNU.sparse.'))
    if (wrong !== undefined) throw new TarError(`a PAX header that sets ${wrong} for all members`, this.#lastName)
  }

  #member(fields: BlockFields): void {
    const member = this.#described(fields)
    this.#pending.clear()
    this.#members++
    this.#lastName = member.name
    this.#sink.member(member)
    this.#contentLeft = member.sizeBytes
    this.#paddingLeft = tarPadding(member.sizeBytes)
    if (member.sizeBytes === 0) this.#sink.memberEnd()
  }

  #described(fields: BlockFields): TarMember {
    const name = longName(this.#pending.get('name')) ?? fields.name
    const pax = this.#pending.get('pax')
    const records = pax === undefined ? new Map<string, ByteName>() : readPaxRecords(pax)
    if (records === undefined) throw new TarError('a PAX header that cannot be read', name)
    const size = records.get('size')
    if (size !== undefined && !/^\d{1,15}$/.test(size)) throw new TarError('a size that is no number', name)
    const isSparse = fields.typeFlag === 'S' || [...records.keys()].some(key => key.startsWith('GNU.sparse.'))
    return {
      ...this.#kindOf(records.get('path') ?? name, isSparse ? 'S' : fields.typeFlag),
      mode: fields.mode,
      sizeBytes: size === undefined ? fields.sizeBytes : Number(size),
      target: records.get('linkpath') ?? longName(this.#pending.get('target')) ?? fields.target,
    }
  }

  /** A file with a `/` at the end of its name is a folder, since the days before there was a letter for folders. */
  #kindOf(name: ByteName, typeFlag: string): Pick<TarMember, 'name' | 'kind' | 'typeFlag'> {
    const kind = Object.hasOwn(kinds, typeFlag) ? (kinds[typeFlag] ?? 'other') : 'other'
    return {name, typeFlag, kind: kind === 'file' && name.endsWith('/') ? 'folder' : kind}
  }
}

function isMetadata(typeFlag: string): typeFlag is keyof typeof metadataFlags {
  return Object.hasOwn(metadataFlags, typeFlag)
}

/** GNU tar ends a long name with a zero byte. */
function longName(content: Buffer | undefined): ByteName | undefined {
  return content?.toString('latin1').replace(/\0+$/, '')
}

const zeros = Buffer.alloc(tarBlockBytes)

function isZero(block: Buffer): boolean {
  return block[0] === 0 && block.equals(zeros)
}
