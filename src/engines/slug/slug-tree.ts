import {type ByteName, shownName} from '../../lib/file-name.ts'
import {HomeportError} from '../../model/error.ts'
import {shortSlugId} from '../../model/slug.ts'
import {DamagedObjectError, type ObjectReader} from './object-reader.ts'
import type {SlugRecord} from './slug-records.ts'
import type {ObjectId, TreeEntry} from './tree-object.ts'

/** An entry of a slug's tree; `path` is relative to the app's folder. */
export type TreeItem = {readonly path: ByteName; readonly entry: TreeEntry}

/** Everything below a folder of a slug, in the order of the canonical tar: a folder before what it holds. Throws DamagedPathError. */
export function* walkTree(objects: ObjectReader, folder: ObjectId, path: ByteName = ''): Generator<TreeItem, void> {
  const prefix = path === '' ? '' : `${path}/`
  for (const entry of atPath(path, () => objects.folder(folder))) {
    const below = prefix + entry.name
    yield {path: below, entry}
    if (entry.kind === 'folder') yield* walkTree(objects, entry.folder, below)
  }
}

/** Where in a slug something is damaged; '' is its top folder. */
export class DamagedPathError extends Error {
  readonly path: ByteName
  readonly damage: DamagedObjectError

  constructor(path: ByteName, damage: DamagedObjectError) {
    super(`${shownName(path) || 'its top folder'}: ${damage.message}`, {cause: damage})
    this.name = 'DamagedPathError'
    this.path = path
    this.damage = damage
  }
}

/** Runs `action`; what is damaged comes with the path where that is. */
export function atPath<T>(path: ByteName, action: () => T): T {
  try {
    return action()
  } catch (error) {
    throw error instanceof DamagedObjectError ? new DamagedPathError(path, error) : error
  }
}

/** What is to be said, in the platform's words (platform.md b.7), about a slug whose content is not what its id says. */
export function damagedSlug({id}: Pick<SlugRecord, 'id'>, {path, damage}: DamagedPathError): HomeportError {
  const hex = (object: ObjectId | undefined) => (object === undefined ? 'unreadable' : Buffer.from(object, 'latin1').toString('hex'))
  const sums = `Expected: SHA256:${hex(damage.id)} Actual: SHA256:${hex(damage.actual)}`
  return new HomeportError('SLUG_DAMAGED', `Error R17 (Checksum error) -> Checksum does match expected value. ${sums}`, {
    hint:
      `The store’s copy of ${shownName(path) || 'the top folder'} in ${shortSlugId(id)} is damaged. ` +
      `Run \`homeport slugs:verify ${shortSlugId(id)}\`, then build or import the slug again.`,
    cause: damage,
  })
}

/** Runs what reads a slug's objects; damage becomes the platform's R17. */
export async function readingSlug<T>(slug: Pick<SlugRecord, 'id'>, action: () => Promise<T>): Promise<T> {
  try {
    return await action()
  } catch (error) {
    throw error instanceof DamagedPathError ? damagedSlug(slug, error) : error
  }
}
