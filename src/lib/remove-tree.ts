import {chmod, lstat, readdir, rm} from 'node:fs/promises'
import {type ByteName, byteName, pathOf} from './file-name.ts'

/**
 * Removes a folder with all below it, also where its owner locked himself out of folders (mode 000, as an overlay's work
 * folder). Nothing there is fine. Never follows a link. Throws Node's errors when something stays.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, {recursive: true, force: true})
  } catch (error) {
    if (!isLockedOut(error)) throw error
    await unlock(byteName(path))
    await rm(path, {recursive: true, force: true})
  }
}

async function unlock(path: ByteName): Promise<void> {
  const kind = await lstat(pathOf(path))
  if (!kind.isDirectory()) return
  if ((kind.mode & 0o700) !== 0o700) await chmod(pathOf(path), 0o700)
  for (const entry of await readdir(pathOf(path), {encoding: 'latin1'})) await unlock(`${path}/${entry}`)
}

function isLockedOut(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM' || error.code === 'ENOTEMPTY')
}
