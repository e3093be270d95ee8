import {createHash, randomBytes} from 'node:crypto'
import {chmodSync, lstatSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {type ByteName, byteName, inByteOrder, pathOf} from '../../lib/file-name.ts'
import {privateFolder} from '../../lib/private-folder.ts'
import {HomeportError} from '../../model/error.ts'
import {shortSlugId, slugHex} from '../../model/slug.ts'
import {readRecord, type SlugRecord} from './slug-records.ts'
import {lockStore, namesIn, type SlugStore, sweepTemporary} from './slug-store.ts'
import {readingSlug} from './slug-tree.ts'
import {useSlug} from './slug-use.ts'
import {doJob} from './thread-job.ts'
import type {TreeWriterOptions} from './tree-writer.ts'

/** A slug laid out on the disk, which stays as long as this is not disposed. */
export type Checkout = Disposable & {
  /** The app's folder. Many dynos share it, so it must only ever be mounted read-only, or below a copy-on-write disk. */
  readonly folder: string
}

export type CheckoutOptions = TreeWriterOptions & {readonly store: SlugStore}

/**
 * Lays a slug out once for all its dynos, modes as in the archive (an app may write into its own files, on its copy-on-write
 * disk). `owner`: for root, the user of the dynos. One that is there already is used when nothing in it was touched, else made
 * anew. Rejects with SLUG_DAMAGED (R17).
 */
export async function checkoutSlug(slug: SlugRecord, {store, owner}: CheckoutOptions): Promise<Checkout> {
  const use = await useSlug(store, slug.id)
  try {
    if (readRecord(store, slug.id) === undefined) throw pruned(slug)
    const place = join(
      privateFolder(join(store.cacheFolder, 'checkouts')),
      owner === undefined ? slugHex(slug.id) : `${slugHex(slug.id)}-${owner.uid}-${owner.gid}`,
    )
    if (!isIntact(place)) await layOut(slug, place, {store, ...(owner === undefined ? {} : {owner})})
    return {folder: appFolder(place), [Symbol.dispose]: () => use[Symbol.dispose]()}
  } catch (error) {
    use[Symbol.dispose]()
    throw error
  }
}

function appFolder(place: string): string {
  return join(place, 'app')
}

/** Made under another name and renamed when it is whole: of two that make it at once the second takes the first one's. */
async function layOut(slug: SlugRecord, place: string, {store, ...options}: CheckoutOptions): Promise<void> {
  await sweepTemporary(store)
  using _lock = await lockStore(store, 'shared')
  const draft = privateFolder(`${place}.new-${randomBytes(6).toString('hex')}`)
  try {
    await readingSlug(slug, () => doJob({kind: 'materialise', store, root: slug.root, to: appFolder(draft), ...options}, slug))
    // So that a user that the app runs as can pass, where a sandbox shows this folder.
    chmodSync(draft, 0o755)
    writeFileSync(join(draft, 'seal'), seal(appFolder(draft)), {mode: 0o600})
    for (let attempt = 0; !moveInto(draft, place); attempt++) {
      if (isIntact(place)) return
      if (attempt === 3) throw new Error(`${place} cannot be replaced`)
      setAside(place)
    }
  } finally {
    rmSync(draft, {recursive: true, force: true})
  }
}

/** What a dyno still has mounted must not be emptied; `removeLeftCheckouts` does that when nothing uses it any more. */
function setAside(place: string): void {
  try {
    renameSync(place, `${place}.old-${randomBytes(6).toString('hex')}`)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

function moveInto(draft: string, place: string): boolean {
  try {
    renameSync(draft, place)
    return true
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'ENOTEMPTY' || code === 'EEXIST' || code === 'EPERM') return false
    throw error
  }
}

/** Removes checkouts of a slug that the caller has locked: all of them, or only what was set aside or left half-made. */
export function removeCheckouts(store: SlugStore, {id}: Pick<SlugRecord, 'id'>, {which}: {readonly which: 'all' | 'left'}): void {
  const folder = join(store.cacheFolder, 'checkouts')
  for (const name of namesIn(folder)) {
    const isIts = name.startsWith(slugHex(id))
    if (isIts && (which === 'all' || /\.(?:old|new)-[0-9a-f]+$/.test(name))) rmSync(join(folder, name), {recursive: true, force: true})
  }
}

function isIntact(place: string): boolean {
  try {
    return readFileSync(join(place, 'seal'), 'latin1') === seal(appFolder(place)).toString('latin1')
  } catch (error) {
    const {code} = error as NodeJS.ErrnoException
    if (code === 'ENOENT' || code === 'ENOTDIR') return false
    throw error
  }
}

/** A digest of what the file system says about everything in a folder: any write, any change of mode or owner gives another. */
function seal(folder: string): Buffer {
  const digest = createHash('sha256')
  const root = byteName(folder)
  look('')
  return digest.digest()

  function look(relative: ByteName): void {
    const path = root + relative
    const {ino, mode, uid, gid, size, mtimeNs, ctimeNs} = lstatSync(pathOf(path), {bigint: true})
    const isFolder = (mode & 0o170000n) === 0o040000n
    digest.update(`${relative}\0${ino} ${mode} ${uid} ${gid} ${isFolder ? 0 : size} ${mtimeNs} ${ctimeNs}\n`, 'latin1')
    if (!isFolder) return
    for (const name of readdirSync(pathOf(path), 'latin1').sort(inByteOrder)) look(`${relative}/${name}`)
  }
}

function pruned({id}: SlugRecord): HomeportError {
  return new HomeportError('SLUG_UNKNOWN', `The slug ${shortSlugId(id)} was removed meanwhile.`, {hint: 'Build or import it again.'})
}
