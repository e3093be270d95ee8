import {chmod, lstat, readdir, rm} from 'node:fs/promises'
import {join} from 'node:path'

/**
 * Removes a folder with all below it, also where its owner locked himself out of folders (mode 000, as an overlay's work
 * folder). Nothing there is fine. Never follows a link. Throws Node's errors when something stays.
 */
export async function removeTree(path: string): Promise<void> {
  try {
    await rm(path, {recursive: true, force: true})
  } catch (error) {
    if (!isLockedOut(error)) throw error
    await unlock(path)
    await rm(path, {recursive: true, force: true})
  }
}

async function unlock(path: string): Promise<void> {
  const kind = await lstat(path)
  if (!kind.isDirectory()) return
  if ((kind.mode & 0o700) !== 0o700) await chmod(path, 0o700)
  for (const entry of await readdir(path)) await unlock(join(path, entry))
}

function isLockedOut(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'EACCES' || error.code === 'EPERM' || error.code === 'ENOTEMPTY')
}
