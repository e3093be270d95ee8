import {lstatSync, readdirSync} from 'node:fs'
import {dirname} from 'node:path'
import {readSlugs} from '../engines/slug/slug-records.ts'
import type {SlugStore} from '../engines/slug/slug-store.ts'
import {unpackArchive} from '../engines/slug/unpack-archive.ts'
import {unpackSlug} from '../engines/slug/unpack-slug.ts'
import type {ArchiveLimits} from '../model/archive-policy.ts'
import {HomeportError} from '../model/error.ts'
import {isSlugReference, type SlugId, slugHex} from '../model/slug.ts'
import {findSlug} from './find-slug.ts'
import {requireFolder} from './require-folder.ts'

export type UnpackOptions = {
  readonly store: SlugStore
  /** A new folder, or one with nothing in it. */
  readonly to: string
  readonly limits?: Partial<ArchiveLimits>
}

export type Unpacked = {
  readonly folder: string
  /** Of a slug of the store. */
  readonly id?: SlugId
}

/**
 * Writes the app of a slug (by its id) or of an archive file into a folder. Rejects with SLUG_UNKNOWN, FLAG_INVALID for a folder
 * with something in it, ARCHIVE_REFUSED, SLUG_DAMAGED; then the folder is as it was.
 */
export async function unpack(idOrFile: string, {store, to, limits}: UnpackOptions): Promise<Unpacked> {
  checkFolder(to)
  if (!isArchiveFile(idOrFile, store)) {
    const slug = findSlug(store, idOrFile)
    await unpackSlug(slug, {store, to})
    return {folder: to, id: slug.id}
  }
  await unpackArchive(idOrFile, {to, ...(limits === undefined ? {} : {limits})})
  return {folder: to}
}

/** A word that stands for a slug of the store is one; a file of such a name can still be written with `./`. */
function isArchiveFile(word: string, store: SlugStore): boolean {
  if (!isSlugReference(word)) return lstatSync(word, {throwIfNoEntry: false}) !== undefined || /[./]/.test(word)
  const digits = word.toLowerCase().replace(/^sha256:/, '')
  const isKnown = readSlugs(store).some(({id}) => slugHex(id).startsWith(digits))
  return !isKnown && lstatSync(word, {throwIfNoEntry: false}) !== undefined
}

function checkFolder(to: string): void {
  const found = lstatSync(to, {throwIfNoEntry: false})
  if (found === undefined) {
    requireFolder(dirname(to))
    return
  }
  if (!found.isDirectory()) throw new HomeportError('FLAG_INVALID', `${to} is no folder.`, {hint: 'Name a new or an empty folder.'})
  if (readdirSync(to).length > 0) throw new HomeportError('FLAG_INVALID', `${to} is not empty.`, {hint: 'Name a new or an empty folder.'})
}
