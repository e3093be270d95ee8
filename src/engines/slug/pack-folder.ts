import {createHash} from 'node:crypto'
import {type ByteName, byteName, textOf} from '../../lib/file-name.ts'
import type {FrameWriter} from '../../lib/frame-writer.ts'
import {framePacking} from '../../lib/pack-frames.ts'
import {StreamDigest} from '../../lib/stream-digest.ts'
import {encodeFacts, PlatformVotes, type SlugPlatform} from '../../model/slug-platform.ts'
import {namesAppPath} from './app-paths.ts'
import {CanonicalTar} from './canonical-tar.ts'
import {PackWriter} from './pack-writer.ts'
import {SourceFile} from './read-source-file.ts'
import type {ScannedEntry, ScannedFile, ScannedFolder} from './scan-folder.ts'
import {contentId, encodeFolder, type ObjectId, type TreeEntry} from './tree-object.ts'

export type PackedFolder = {
  readonly writer: PackWriter
  readonly root: ObjectId
  /** Folder objects by their id. */
  readonly folders: ReadonlyMap<ObjectId, Buffer>
  /** The digest of the canonical tar. */
  readonly slugHex: string
  readonly archiveBytes: number
  readonly sizeBytes: number
  readonly files: number
  readonly platform: SlugPlatform
  readonly appPathFiles: readonly string[]
}

export type PackFolderOptions = {
  readonly folder: string
  /** The new file that the pack is written to. */
  readonly packPath: string
  readonly signal?: AbortSignal
}

const maxAppPathFiles = 20

/**
 * Reads everything in a scanned folder once, and writes from it at the same time: a pack that holds the whole slug as its
 * canonical tar, the slug's id, the content ids of all files, and what they need of a machine. `writer` is left open, so that
 * the pack can be finished or thrown away.
 */
export async function packFolder(root: ScannedFolder, options: PackFolderOptions): Promise<PackedFolder> {
  await using digest = new StreamDigest({threadBytes: framePacking('tar.zst').frameBytes})
  const writer = new PackWriter(options.packPath, {onFrame: frame => (isInArchive ? digest.update(frame) : undefined)})
  let isInArchive = true
  try {
    const packer = new FolderPacker(writer, options)
    const rootId = await packer.pack(root)
    let slugHex = ''
    const archiveBytes = await writer.endArchive(async () => {
      isInArchive = false
      slugHex = await digest.hex()
      return slugHex
    })
    for (const [id, object] of packer.folders) await writer.append({id, facts: 0, depth: 0}, object)
    const {folders, sizeBytes, files, appPathFiles} = packer
    return {writer, root: rootId, folders, slugHex, archiveBytes, sizeBytes, files, platform: packer.votes.platform, appPathFiles}
  } catch (error) {
    writer[Symbol.dispose]()
    throw error
  }
}

class FolderPacker {
  readonly folders = new Map<ObjectId, Buffer>()
  readonly votes = new PlatformVotes()
  readonly appPathFiles: string[] = []
  sizeBytes = 0
  files = 0
  readonly #writer: PackWriter
  readonly #frames: FrameWriter
  readonly #tar: CanonicalTar
  readonly #folder: ByteName
  readonly #options: PackFolderOptions
  readonly #seen = new Set<ObjectId>()

  constructor(writer: PackWriter, options: PackFolderOptions) {
    this.#writer = writer
    this.#frames = writer.frames
    this.#tar = new CanonicalTar(writer.frames)
    this.#folder = byteName(options.folder)
    this.#options = options
  }

  async pack(root: ScannedFolder): Promise<ObjectId> {
    const id = await this.#packFolder(root, '')
    await this.#tar.end()
    return id
  }

  async #packFolder(folder: ScannedFolder, path: ByteName): Promise<ObjectId> {
    this.#options.signal?.throwIfAborted()
    await this.#tar.folder(path)
    const prefix = path === '' ? '' : `${path}/`
    for (const entry of folder.entries) {
      const done = this.#packEntry(entry, prefix + entry.name)
      // Most files fit in the frame that is being filled: no turn of the event loop for each of them.
      if (done !== undefined) await done
    }
    const object = encodeFolder(treeEntries(folder))
    folder.id = contentId(object)
    this.folders.set(folder.id, object)
    return folder.id
  }

  #packEntry(entry: ScannedEntry, path: ByteName): Promise<unknown> | undefined {
    if (entry.kind === 'folder') return this.#packFolder(entry, path)
    if (entry.kind === 'link') return this.#tar.link(path, entry.target)
    return entry.generated === undefined ? this.#packFile(entry, path) : this.#packGenerated(entry, path, entry.generated)
  }

  #packFile(file: ScannedFile, path: ByteName): Promise<void> | undefined {
    using source = new SourceFile(`${this.#folder}/${path}`)
    this.#look(file, source)
    // Header, content and padding in one go when all of it fits in what is left of the frame.
    if (this.#frames.roomBytes < file.sizeBytes + maxAroundBytes) return this.#packLargeFile(file, path)
    void this.#tar.file(path, file)
    const offset = this.#frames.position
    const content = this.#frames.room.subarray(0, file.sizeBytes)
    source.fill(content)
    file.content = contentId(content)
    this.#learn(file, path, {content, offset, facts: encodeFacts(this.#vote(path, source, content))})
    void this.#frames.filled(content.length)
    return this.#tar.padding(content.length)
  }

  /** A file that goes over the end of the frame. */
  async #packLargeFile(file: ScannedFile, path: ByteName): Promise<void> {
    using source = new SourceFile(`${this.#folder}/${path}`)
    this.#look(file, source)
    await this.#tar.file(path, file)
    const offset = this.#frames.position
    const digest = createHash('sha256')
    let head = Buffer.alloc(0)
    for (let left = source.sizeBytes; left > 0; ) {
      const part = this.#frames.room.subarray(0, left)
      source.fill(part)
      digest.update(part)
      if (left === source.sizeBytes) head = Buffer.from(part.subarray(0, headBytes))
      left -= part.length
      await this.#frames.filled(part.length)
    }
    file.content = digest.digest('binary')
    this.#learn(file, path, {content: head, offset, facts: encodeFacts(this.#vote(path, source, head))})
    await this.#tar.padding(source.sizeBytes)
  }

  async #packGenerated(file: ScannedFile, path: ByteName, content: Buffer): Promise<void> {
    await this.#tar.file(path, file)
    const offset = this.#frames.position
    await this.#frames.append(content)
    await this.#tar.padding(content.length)
    file.content = contentId(content)
    this.#learn(file, path, {content, offset, facts: 0})
  }

  #look(file: ScannedFile, source: SourceFile): void {
    file.sizeBytes = source.sizeBytes
    file.isExecutable = source.isExecutable
    file.stamp = source.stats
  }

  #vote(path: ByteName, source: SourceFile, head: Buffer) {
    const facts = source.facts(head)
    if (facts !== undefined) this.votes.add(path, facts)
    return facts
  }

  #learn(file: ScannedFile, path: ByteName, {content, offset, facts}: {content: Buffer; offset: number; facts: number}): void {
    file.facts = facts
    this.files++
    this.sizeBytes += file.sizeBytes
    if (this.appPathFiles.length < maxAppPathFiles && namesAppPath(path, content)) this.appPathFiles.push(textOf(path))
    if (file.content === undefined || this.#seen.has(file.content)) return
    this.#seen.add(file.content)
    this.#writer.addObject({id: file.content, offset, length: file.sizeBytes, facts, depth: 0})
  }
}

/** More than the header and the padding of any file take, with the longest path there is. */
const maxAroundBytes = 16 * 1024
/** As much of a large file as tells what it is. */
const headBytes = 4096

/** What the object of a folder says; all below it must have been read. */
export function treeEntries({entries}: ScannedFolder): readonly TreeEntry[] {
  return entries.map((entry): TreeEntry => {
    const {name} = entry
    if (entry.kind === 'link') return {kind: 'link', name, target: entry.target}
    if (entry.kind === 'folder') return {kind: 'folder', name, folder: known(entry.id)}
    return {kind: 'file', name, isExecutable: entry.isExecutable, sizeBytes: entry.sizeBytes, content: known(entry.content)}
  })
}

function known(id: ObjectId | undefined): ObjectId {
  if (id === undefined) throw new Error('a file or folder that was not read')
  return id
}
