import {lstatSync, readFileSync, renameSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {checkPrivateFolder, privateFolder} from './private-folder.ts'
import {shortHash} from './short-hash.ts'

/** The kernels allow 107 (Linux) and 103 (macOS) bytes; the rest is room for a name beside it. */
const maxBytes = 100

/**
 * Where to listen for a socket that should lie at `path`: there, or, when that is too long for a socket, under a short name
 * in the first of `shortFolders` where it fits. The short name is written to `PATH.at`, where `findSocket` reads it.
 * All folders are made and checked by the rules of `privateFolder`.
 */
export function placeSocket(path: string, shortFolders: readonly string[]): string {
  privateFolder(dirname(path))
  if (Buffer.byteLength(path) <= maxBytes) return path
  const name = `${shortHash(path)}.sock`
  const folder = shortFolders.find(candidate => Buffer.byteLength(join(candidate, name)) <= maxBytes)
  if (folder === undefined) throw new Error(`No folder is short enough for the socket ${path}`)
  const short = join(privateFolder(folder), name)
  const file = pointerFile(path)
  writeFileSync(`${file}.new`, short, {mode: 0o600})
  renameSync(`${file}.new`, file)
  return short
}

/** Where the socket that should lie at `path` really is, for a client: never makes anything. Undefined when nobody placed it. */
export function findSocket(path: string): string | undefined {
  if (checkPrivateFolder(dirname(path)) === undefined) return undefined
  if (Buffer.byteLength(path) <= maxBytes) return isSocket(path) ? path : undefined
  const short = readPointer(pointerFile(path))
  if (short === undefined || checkPrivateFolder(dirname(short)) === undefined) return undefined
  return isSocket(short) ? short : undefined
}

/** The file that names the real place of a socket with a long path; whoever removes the socket removes it too. */
export function pointerFile(path: string): string {
  return `${path}.at`
}

function readPointer(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined
    throw error
  }
}

function isSocket(path: string): boolean {
  return lstatSync(path, {throwIfNoEntry: false})?.isSocket() ?? false
}
