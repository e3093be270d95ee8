import {type Dirent, lstatSync, readdirSync, readlinkSync} from 'node:fs'
import {type ByteName, byteName, pathOf, shownName} from '../../lib/file-name.ts'
import {LinkJudge} from '../../model/archive-links.ts'
import {isExecutable} from './read-source-file.ts'
import type {FileStamp} from './stat-cache.ts'
import {contentId, inTreeOrder, type ObjectId} from './tree-object.ts'

/** A file of a folder that becomes a slug. What is learned by reading it is filled in on the way. */
export type ScannedFile = {
  readonly kind: 'file'
  readonly name: ByteName
  isExecutable: boolean
  sizeBytes: number
  stamp: FileStamp | undefined
  content: ObjectId | undefined
  /** A program or library, as `encodeFacts` writes it. */
  facts: number
  /** The content of a file that is not on the disk. */
  readonly generated?: Buffer
}
export type ScannedLink = {readonly kind: 'link'; readonly name: ByteName; readonly target: ByteName}
export type ScannedFolder = {readonly kind: 'folder'; readonly name: ByteName; readonly entries: ScannedEntry[]; id: ObjectId | undefined}
export type ScannedEntry = ScannedFile | ScannedLink | ScannedFolder

export type Scan = {readonly root: ScannedFolder; readonly warnings: readonly string[]}

/**
 * Lists what lies in a folder, in the order of the canonical tar. Links that lead out of the folder, sockets, pipes and devices
 * are left out with a warning, since no machine would import them again. `withStats`: also looks at each file, for a stat cache.
 */
export function scanFolder(folder: string, {withStats}: {readonly withStats: boolean}): Scan {
  const links = new Map<ByteName, ByteName>()
  const warnings: string[] = []
  const root = scan(byteName(folder), '')
  const judge = new LinkJudge(links)
  for (const [path, target] of links) {
    if (!judge.leaves(path)) continue
    removeLink(root, path)
    warnings.push(`${shownName(path)} is left out: a link that leads out of the app (${shownName(target)}).`)
  }
  return {root, warnings}

  function scan(absolute: ByteName, path: ByteName): ScannedFolder {
    const entries = readdirSync(pathOf(absolute), {withFileTypes: true, encoding: 'latin1'}).flatMap((entry): readonly ScannedEntry[] => {
      const below = `${absolute}/${entry.name}`
      const relative = path === '' ? entry.name : `${path}/${entry.name}`
      if (entry.isDirectory()) return [scan(below, relative)]
      if (entry.isSymbolicLink()) return [scanLink(entry.name, below, relative)]
      if (entry.isFile()) return [scanFile(entry, below)]
      warnings.push(`${shownName(relative)} is left out: neither file nor folder nor link.`)
      return []
    })
    return {kind: 'folder', name: path.slice(path.lastIndexOf('/') + 1), entries: entries.sort(inTreeOrder), id: undefined}
  }

  function scanLink(name: ByteName, absolute: ByteName, path: ByteName): ScannedLink {
    const target = readlinkSync(pathOf(absolute), {encoding: 'latin1'})
    links.set(path, target)
    return {kind: 'link', name, target}
  }

  function scanFile({name}: Dirent, absolute: ByteName): ScannedFile {
    const file = newFile(name)
    if (!withStats) return file
    const stats = lstatSync(pathOf(absolute))
    return {...file, stamp: stats, sizeBytes: stats.size, isExecutable: isExecutable(stats)}
  }
}

/** A file of which nothing is known yet. */
export function newFile(name: ByteName): ScannedFile {
  return {kind: 'file', name, isExecutable: false, sizeBytes: 0, stamp: undefined, content: undefined, facts: 0}
}

/** Puts a file whose content is made up here into the tree, in the place of whatever was there. */
export function placeGenerated(root: ScannedFolder, {folder, file, content}: {folder: ByteName; file: ByteName; content: Buffer}): void {
  const found = root.entries.find(({name}) => name === folder)
  const parent: ScannedFolder = found?.kind === 'folder' ? found : {kind: 'folder', name: folder, entries: [], id: undefined}
  replace(root.entries, parent)
  replace(parent.entries, {...newFile(file), generated: content, sizeBytes: content.length, content: contentId(content)})
}

function replace(entries: ScannedEntry[], entry: ScannedEntry): void {
  const at = entries.findIndex(({name}) => name === entry.name)
  if (at >= 0) entries.splice(at, 1)
  entries.push(entry)
  entries.sort(inTreeOrder)
}

function removeLink(root: ScannedFolder, path: ByteName): void {
  const names = path.split('/')
  let folder = root
  for (const name of names.slice(0, -1)) {
    const next = folder.entries.find(entry => entry.kind === 'folder' && entry.name === name)
    if (next?.kind === 'folder') folder = next
  }
  const at = folder.entries.findIndex(entry => entry.kind === 'link' && entry.name === names.at(-1))
  if (at >= 0) folder.entries.splice(at, 1)
}

/** All files below a folder with their paths relative to it. */
export function* filesOf(folder: ScannedFolder, path: ByteName = ''): Generator<{readonly path: ByteName; readonly file: ScannedFile}> {
  for (const entry of folder.entries) {
    if (entry.kind === 'file') yield {path: path + entry.name, file: entry}
    else if (entry.kind === 'folder') yield* filesOf(entry, `${path}${entry.name}/`)
  }
}
