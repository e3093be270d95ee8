import type {ByteName} from '../lib/file-name.ts'
import {shownName} from '../lib/file-name.ts'
import type {TarMember} from '../lib/tar-reader.ts'
import {LinkJudge} from './archive-links.ts'

/** How much an archive of somebody else may ask of this machine (findings 4.5); `unpackedBytes` is a default. */
export const archiveLimits = {
  unpackedBytes: 500 * 1024 * 1024,
  members: 150_000,
  depth: 64,
  pathBytes: 4096,
  componentBytes: 255,
  /** Names and targets of all members together, which are held in memory while the archive is judged. */
  nameBytes: 64 * 1024 * 1024,
  /** How many times more may come out than went in, beyond the first 64 MiB. */
  ratio: 1000,
  ratioFreeBytes: 64 * 1024 * 1024,
} as const

export type ArchiveLimits = {readonly [name in keyof typeof archiveLimits]: number}

/** Why an archive is refused, and for which member where it is one. */
export class ArchiveRefusal extends Error {
  /** It would not be refused with a larger limit of unpacked bytes. */
  readonly isTooLarge: boolean

  constructor(reason: string, member?: ByteName, {isTooLarge = false} = {}) {
    super(member === undefined ? reason : `${shownName(member) || '(a member without a name)'}: ${reason}`)
    this.name = 'ArchiveRefusal'
    this.isTooLarge = isTooLarge
  }
}

/** What becomes of a member; paths are relative to the app's folder, which itself is ''. */
export type PlannedMember =
  | {readonly kind: 'folder'; readonly path: ByteName}
  | {readonly kind: 'file'; readonly path: ByteName; readonly isExecutable: boolean; readonly sizeBytes: number}
  | {readonly kind: 'link'; readonly path: ByteName; readonly target: ByteName}
  /** A hard link, which becomes a file of its own with the content of an earlier one. */
  | {readonly kind: 'copy'; readonly path: ByteName; readonly from: ByteName; readonly isExecutable: boolean}

export type ArchivePlan = {
  /** One for each member, in the order of the archive. */
  readonly members: readonly PlannedMember[]
  /** The members themselves. */
  readonly originals: readonly TarMember[]
  /** Every member lies below `app/`, which was taken off (platform.md d.4). */
  readonly wasBelowApp: boolean
  readonly unpackedBytes: number
}

type Kind = PlannedMember['kind']
type Entry = {readonly kind: Kind; readonly isExplicit: boolean}

/**
 * Judges the members of an archive, one after the other, by the policy for archives of others (findings 4.5): whatever could
 * reach outside of the folder, stand in the way of another member or exhaust the machine throws an ArchiveRefusal. Odd modes
 * and owners are repaired. Nothing is written here; what the plan says is safe to write in any order: folders, files, links.
 */
export class ArchivePolicy {
  readonly #limits: ArchiveLimits
  readonly #members: PlannedMember[] = []
  readonly #originals: TarMember[] = []
  readonly #entries = new Map<ByteName, Entry>([['', {kind: 'folder', isExplicit: false}]])
  readonly #files = new Map<ByteName, {readonly origin: ByteName; readonly sizeBytes: number; readonly isExecutable: boolean}>()
  readonly #targets = new Map<ByteName, ByteName>()
  #nameBytes = 0
  #unpackedBytes = 0

  constructor(limits: Partial<ArchiveLimits> = {}) {
    this.#limits = {...archiveLimits, ...limits}
  }

  /** The next member of the archive. */
  add(member: TarMember): void {
    if (this.#members.length >= this.#limits.members) throw new ArchiveRefusal(`more than ${this.#limits.members} members`)
    this.#nameBytes += member.name.length + member.target.length
    if (this.#nameBytes > this.#limits.nameBytes) throw new ArchiveRefusal(`more than ${this.#limits.nameBytes} bytes of names`)
    const path = this.#safePath(member.name)
    const planned = this.#plan(member, path)
    this.#place(path, planned.kind, member.name)
    this.#members.push(planned)
    this.#originals.push(member)
  }

  /** How many bytes may have come out of the archive file when `readBytes` of it have been read. */
  checkRatio({readBytes, unpackedBytes}: {readonly readBytes: number; readonly unpackedBytes: number}): void {
    const {ratio, ratioFreeBytes} = this.#limits
    if (unpackedBytes > ratioFreeBytes + ratio * readBytes) throw new ArchiveRefusal(`it unpacks to more than ${ratio} times its size`)
  }

  /** After the last member. Links are judged here, since they may lead over members that come later. */
  finish(): ArchivePlan {
    if (this.#members.length === 0) throw new ArchiveRefusal('it has no members')
    const paths = this.#members.map(({path}) => path).filter(path => path !== '')
    const wasBelowApp = paths.length > 0 && paths.every(path => path.startsWith('app/') || (path === 'app' && this.#isFolder(path)))
    const members = wasBelowApp ? this.#members.map(withoutApp) : this.#members
    const judge = new LinkJudge(new Map(members.flatMap(member => (member.kind === 'link' ? [[member.path, member.target]] : []))))
    for (const [index, member] of members.entries()) {
      if (member.kind !== 'link' || !judge.leaves(member.path)) continue
      throw new ArchiveRefusal(`a link that leads out of the archive (${shownName(member.target)})`, this.#originals[index]?.name)
    }
    return {members, originals: this.#originals, wasBelowApp, unpackedBytes: this.#unpackedBytes}
  }

  #isFolder(path: ByteName): boolean {
    return this.#entries.get(path)?.kind === 'folder'
  }

  /** The name without `.` and empty components. */
  #safePath(name: ByteName): ByteName {
    const {pathBytes, componentBytes, depth} = this.#limits
    if (name === '') throw new ArchiveRefusal('an empty name', name)
    if (name.length > pathBytes) throw new ArchiveRefusal(`a path of more than ${pathBytes} bytes`, name.slice(0, 200))
    if (name.includes('\0')) throw new ArchiveRefusal('a zero byte in its name', name)
    if (name.startsWith('/')) throw new ArchiveRefusal('an absolute path', name)
    const components = name.split('/').filter(component => component !== '' && component !== '.')
    if (components.includes('..')) throw new ArchiveRefusal('a path that leads out of the archive', name)
    if (components.length > depth) throw new ArchiveRefusal(`a path of more than ${depth} levels`, name.slice(0, 200))
    if (components.some(component => component.length > componentBytes)) {
      throw new ArchiveRefusal(`a name of more than ${componentBytes} bytes`, name.slice(0, 200))
    }
    return components.join('/')
  }

  #plan(member: TarMember, path: ByteName): PlannedMember {
    const isExecutable = (member.mode & 0o100) !== 0
    const {name, kind, sizeBytes} = member
    if (kind !== 'file' && kind !== 'other' && sizeBytes > 0) throw new ArchiveRefusal('no file, and yet it has content', name)
    switch (kind) {
      case 'folder':
        return {kind, path}
      case 'file':
        this.#count(sizeBytes, name)
        this.#files.set(path, {origin: path, sizeBytes, isExecutable})
        return {kind, path, isExecutable, sizeBytes}
      case 'link':
        return this.#planLink(path, member.target, name)
      case 'hard-link':
        return this.#planCopy(path, member)
      default:
        throw new ArchiveRefusal(otherKind(member.typeFlag), name)
    }
  }

  #planLink(path: ByteName, target: ByteName, name: ByteName): PlannedMember {
    if (target === '' || target.includes('\0') || target.length > this.#limits.pathBytes) {
      throw new ArchiveRefusal('a link whose target is no path', name)
    }
    this.#targets.set(path, target)
    return {kind: 'link', path, target}
  }

  #planCopy(path: ByteName, {name, target}: TarMember): PlannedMember {
    const from = this.#safeTarget(target, name)
    const linkTarget = this.#targets.get(from)
    if (linkTarget !== undefined) return this.#planLink(path, linkTarget, name)
    const file = this.#files.get(from)
    if (file === undefined) throw new ArchiveRefusal(`a hard link to what no earlier member is (${shownName(target)})`, name)
    this.#count(file.sizeBytes, name)
    this.#files.set(path, file)
    return {kind: 'copy', path, from: file.origin, isExecutable: file.isExecutable}
  }

  #safeTarget(target: ByteName, name: ByteName): ByteName {
    try {
      return this.#safePath(target)
    } catch (cause) {
      if (!(cause instanceof ArchiveRefusal)) throw cause
      throw new ArchiveRefusal(`a hard link that leads out of the archive (${shownName(target)})`, name)
    }
  }

  #count(sizeBytes: number, name: ByteName): void {
    this.#unpackedBytes += sizeBytes
    if (this.#unpackedBytes > this.#limits.unpackedBytes) {
      throw new ArchiveRefusal(`with it the archive unpacks to more than ${this.#limits.unpackedBytes} bytes`, name, {isTooLarge: true})
    }
  }

  /** Nothing twice, nothing below a file or link, nothing in the place of a folder. */
  #place(path: ByteName, kind: Kind, name: ByteName): void {
    const known = this.#entries.get(path)
    if (known?.isExplicit) throw new ArchiveRefusal('the same path twice', name)
    if (known !== undefined && kind !== 'folder') throw new ArchiveRefusal('in the place of a folder', name)
    this.#entries.set(path, {kind, isExplicit: true})
    let parent = parentOf(path)
    for (; !this.#entries.has(parent); parent = parentOf(parent)) this.#entries.set(parent, {kind: 'folder', isExplicit: false})
    const above = this.#entries.get(parent)
    if (above?.kind === 'link') throw new ArchiveRefusal(`a path through a link (${shownName(parent)})`, name)
    if (above?.kind !== 'folder') throw new ArchiveRefusal(`a path through a file (${shownName(parent)})`, name)
  }
}

/** The folder above; '' is above itself. */
function parentOf(path: ByteName): ByteName {
  const slashAt = path.lastIndexOf('/')
  return slashAt < 0 ? '' : path.slice(0, slashAt)
}

function withoutApp(member: PlannedMember): PlannedMember {
  const path = member.path.slice('app/'.length)
  return member.kind === 'copy' ? {...member, path, from: member.from.slice('app/'.length)} : {...member, path}
}

function otherKind(typeFlag: string): string {
  const known: Readonly<Record<string, string>> = {'3': 'a device', '4': 'a device', '6': 'a pipe', S: 'a sparse file'}
  const name = Object.hasOwn(known, typeFlag) ? known[typeFlag] : undefined
  return name === undefined ? `a member of an unknown kind (${JSON.stringify(typeFlag)})` : `${name}, which has no place in an app`
}
