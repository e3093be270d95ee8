import {mkdirSync, readlinkSync, symlinkSync} from 'node:fs'
import {setImmediate as turn} from 'node:timers/promises'
import {FileCopier} from '../../lib/file-copier.ts'
import {type ByteName, byteName, pathOf, shownName} from '../../lib/file-name.ts'
import {HomeportError} from '../../model/error.ts'
import {RealFolders} from './list-work-tree.ts'

export type CopyFilesOptions = {
  readonly from: string
  /** A folder that is there. */
  readonly to: string
  readonly signal?: AbortSignal
}

/** How many files are copied before others get a turn: one promise for each would take several times as long. */
const filesPerTurn = 128

/**
 * Copies files by their paths below `from`: plain ones with mode 0755 or 0644 by the owner's run bit, links as they are, folders
 * where they are needed. Resolves with the paths of what is neither file nor link any more and was left out. Rejects with
 * FILE_UNREADABLE.
 */
export async function copyFiles(paths: readonly ByteName[], {from, to, signal}: CopyFilesOptions): Promise<readonly ByteName[]> {
  const folders = new Set<ByteName>([''])
  const place: Place = {from: byteName(from), to: byteName(to), sources: new RealFolders(from), copier: new FileCopier()}
  const leftOut: ByteName[] = []
  for (const [index, path] of paths.entries()) {
    if (index % filesPerTurn === filesPerTurn - 1) await turn()
    signal?.throwIfAborted()
    makeParents(place.to, path, folders)
    if (!copyOne(path, place)) leftOut.push(path)
  }
  return leftOut
}

function makeParents(root: ByteName, path: ByteName, folders: Set<ByteName>): void {
  const slashAt = path.lastIndexOf('/')
  const parent = slashAt < 0 ? '' : path.slice(0, slashAt)
  if (folders.has(parent)) return
  makeParents(root, parent, folders)
  folders.add(parent)
  mkdirSync(pathOf(`${root}/${parent}`), {mode: 0o755})
}

type Place = {readonly from: ByteName; readonly to: ByteName; readonly sources: RealFolders; readonly copier: FileCopier}

function copyOne(path: ByteName, {from, to, sources, copier}: Place): boolean {
  const [source, target] = [pathOf(`${from}/${path}`), pathOf(`${to}/${path}`)]
  try {
    const kind = sources.look(path)
    if (kind?.isFile()) return copier.copy(source, target, mode => ((mode & 0o100) === 0 ? 0o644 : 0o755))
    if (!kind?.isSymbolicLink()) return false
    symlinkSync(readlinkSync(source, 'buffer'), target)
    return true
  } catch (cause) {
    const {code} = cause as NodeJS.ErrnoException
    if (code !== 'EACCES' && code !== 'EPERM') throw cause
    throw new HomeportError('FILE_UNREADABLE', `${shownName(path)} cannot be read.`, {
      hint: 'Make it readable for this user, or name it in .slugignore.',
      place: {file: shownName(path)},
      cause,
    })
  }
}
