import {chmodSync, lstatSync, mkdirSync, type Stats} from 'node:fs'
import {dirname, resolve} from 'node:path'

/** A folder that must not be used, since another user could read or change what is in it. */
export class UnsafeFolderError extends Error {
  readonly path: string

  constructor(path: string, reason: string) {
    super(`${path} ${reason}`)
    this.name = 'UnsafeFolderError'
    this.path = path
  }
}

/** There can be no folder: something above it is a file, a loop of links, or a file system without folders of ours. */
const impossibleCodes = new Set(['ENOENT', 'ENOTDIR', 'ELOOP', 'ENAMETOOLONG'])

/**
 * Makes sure that `path` is a folder of this user's alone (0700), makes it and its parents where they are missing, and gives
 * its absolute path. Throws UnsafeFolderError when it is not ours, is a link or is writable by others, and when there can be no
 * folder at such a path; Node's error when it cannot be made for another reason.
 */
export function privateFolder(path: string): string {
  const absolute = resolve(path)
  try {
    makeFolders(absolute)
  } catch (error) {
    throw explained(error, absolute)
  }
  const stats = checkPrivateFolder(absolute)
  if (stats !== undefined && (stats.mode & 0o077) !== 0) chmodSync(absolute, 0o700)
  return absolute
}

/** Throws UnsafeFolderError when there is something at `path` that is no folder of this user's alone; undefined when there is nothing. */
export function checkPrivateFolder(path: string): Stats | undefined {
  const stats = lookAt(path)
  if (stats === undefined) return undefined
  if (stats.isSymbolicLink()) throw new UnsafeFolderError(path, 'is a link.')
  if (!stats.isDirectory()) throw new UnsafeFolderError(path, 'is not a folder.')
  const user = process.geteuid?.()
  if (user !== undefined && stats.uid !== user) throw new UnsafeFolderError(path, `belongs to another user (uid ${stats.uid}).`)
  if ((stats.mode & 0o022) !== 0) throw new UnsafeFolderError(path, 'can be written by other users.')
  return stats
}

function lookAt(path: string): Stats | undefined {
  try {
    return lstatSync(path, {throwIfNoEntry: false})
  } catch (error) {
    throw explained(error, path)
  }
}

function explained(error: unknown, path: string): unknown {
  const {code = ''} = error as NodeJS.ErrnoException
  return impossibleCodes.has(code) ? new UnsafeFolderError(path, `cannot be made (${code}).`) : error
}

/** Not mkdir's `recursive`: Node 24 loops for ever with it below /proc. */
function makeFolders(path: string): void {
  try {
    mkdirSync(path, {mode: 0o700})
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'EEXIST') return
    if (code !== 'ENOENT' || dirname(path) === path) throw error
    makeFolders(dirname(path))
    makeLast(path)
  }
}

function makeLast(path: string): void {
  try {
    mkdirSync(path, {mode: 0o700})
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error
  }
}
