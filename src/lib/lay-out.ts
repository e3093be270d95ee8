import {accessSync, constants, lstatSync, mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import type {TreeFile} from './packed-tree.ts'
import {privateFolder} from './private-folder.ts'

export type LayOutOptions = {
  /** Where to, best first: the next one is taken where a folder is unsafe, cannot be written, or may run no programs. */
  readonly folders: readonly string[]
  /** Name of the tree with a hash of its content: what is there under that name is taken to be it. */
  readonly name: string
  /** Tries what was laid out; an error makes it go to the next folder. */
  readonly tryOut?: (path: string) => void
}

/**
 * Puts files that travel inside the program on disk, once per content, and gives the folder they are in. Several processes
 * may do so at once; a tree that was left incomplete or damaged is put there anew. Throws AggregateError when no folder will do.
 */
export function layOut(files: readonly TreeFile[], {folders, name, tryOut = () => {}}: LayOutOptions): string {
  const errors: unknown[] = []
  for (const folder of folders) {
    try {
      const path = join(privateFolder(folder), name)
      if (!isWhole(path, files)) write(files, path)
      for (const file of files) if (file.isExecutable) accessSync(join(path, file.path), constants.X_OK) // fails on a noexec mount
      tryOut(path)
      return path
    } catch (error) {
      errors.push(error)
    }
  }
  throw new AggregateError(errors, `No folder can hold ${name}: ${errors.map(String).join('; ')}`)
}

function isWhole(path: string, files: readonly TreeFile[]): boolean {
  return files.every(file => {
    const stats = lstatSync(join(path, file.path), {throwIfNoEntry: false})
    return stats?.isFile() === true && stats.size === file.data.length && ((stats.mode & 0o100) !== 0) === file.isExecutable
  })
}

/** In a folder beside it first, so that `path` is either whole or not there. */
function write(files: readonly TreeFile[], path: string): void {
  const draft = mkdtempSync(`${path}.`)
  try {
    for (const {path: name, data, isExecutable} of files) {
      const file = join(draft, name)
      mkdirSync(dirname(file), {recursive: true, mode: 0o700})
      writeFileSync(file, data, {mode: isExecutable ? 0o700 : 0o600})
    }
    replace(draft, path, files)
  } finally {
    rmSync(draft, {recursive: true, force: true})
  }
}

/** A folder cannot be renamed over one that has files: the old one is moved away first, if another process has not mended it. */
function replace(draft: string, path: string, files: readonly TreeFile[]): void {
  for (let attempt = 0; attempt < 10; attempt++) {
    try {
      renameSync(draft, path)
      return
    } catch (error) {
      if (isWhole(path, files)) return
      if (attempt === 9) throw error
      const old = mkdtempSync(`${path}.`)
      try {
        renameSync(path, join(old, 'old'))
      } catch {
        // Another process moved it.
      }
      rmSync(old, {recursive: true, force: true})
    }
  }
}
