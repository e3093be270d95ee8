import {lstatSync, realpathSync, statSync} from 'node:fs'
import {resolve} from 'node:path'
import {readLimited} from '../lib/read-limited.ts'
import {HomeportError} from '../model/error.ts'

/** Files that people write: more than this is a mistake, and reading it would only cost time and memory. */
export const maxFileBytes = 1024 * 1024

/**
 * The bytes of a file of the app, `name` as the user knows it, relative to the folder; nothing when it does not exist. Throws
 * FILE_UNREADABLE when it is there and cannot be read: no right, a folder, a link to nothing, over 1 MiB.
 */
export function readAppFile(root: string, name: string): Buffer | undefined {
  const path = resolve(root, name)
  let bytes: Buffer | undefined
  try {
    bytes = readLimited(path, maxFileBytes)
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? cause.code : undefined
    const isMissing = code === 'ENOENT' || code === 'ENOTDIR'
    if (isMissing && !isThere(path)) return undefined
    throw unreadable(name, typeof code === 'string' ? code : '', cause)
  }
  if (bytes === undefined) {
    const message = `${name} has more than ${maxFileBytes / 1024 / 1024} MiB, which is too large for such a file.`
    throw new HomeportError('FILE_UNREADABLE', message, {hint: 'Is it another file, under the wrong name?', place: {file: name}})
  }
  return bytes
}

/** The absolute real path of the app's folder. Throws ROOT_NOT_A_FOLDER. */
export function realFolder(folder: string): string {
  try {
    const root = realpathSync.native(folder)
    if (statSync(root).isDirectory()) return root
  } catch (cause) {
    throw new HomeportError('ROOT_NOT_A_FOLDER', `There is no folder ${folder}.`, {hint: 'Name the app’s folder with --root.', cause})
  }
  throw new HomeportError('ROOT_NOT_A_FOLDER', `${folder} is no folder.`, {hint: 'Name the app’s folder with --root.'})
}

function isThere(path: string): boolean {
  return lstatSync(path, {throwIfNoEntry: false}) !== undefined
}

const reasons: Readonly<Record<string, readonly [reason: string, hint: string]>> = {
  EACCES: ['may not be read', 'Give yourself the right: `chmod u+r`.'],
  EPERM: ['may not be read', 'Give yourself the right: `chmod u+r`.'],
  EISDIR: ['is a folder, not a file', 'Remove or rename the folder, or name another file.'],
  ENOENT: ['is a link to a file that does not exist', 'Mend or remove the link.'],
  ELOOP: ['is a link that leads back to itself', 'Mend or remove the link.'],
  EAGAIN: ['is a pipe, and its writer wrote nothing', 'Name a plain file.'],
}

function unreadable(name: string, code: string, cause: unknown): HomeportError {
  const [reason, hint] = reasons[code] ?? [`cannot be read (${code})`, 'Name another file.']
  return new HomeportError('FILE_UNREADABLE', `${name} ${reason}.`, {hint, place: {file: name}, cause})
}
