import {chmodSync, lchownSync, mkdirSync, readdirSync, readlinkSync, rmSync, symlinkSync} from 'node:fs'
import {setImmediate as turn} from 'node:timers/promises'
import {FileCopier} from '../../lib/file-copier.ts'
import {type ByteName, byteName, pathOf} from '../../lib/file-name.ts'
import {checkoutSlug} from './checkout-slug.ts'
import type {SlugRecord} from './slug-records.ts'
import type {SlugStore} from './slug-store.ts'
import type {TreeWriterOptions} from './tree-writer.ts'

export type PrivateCopyOptions = TreeWriterOptions & {
  readonly store: SlugStore
  /** A folder that does not exist yet. */
  readonly to: string
}

/**
 * Copies a slug for one dyno alone, for machines where nothing can be mounted; large files share their blocks where the file
 * system can. Resolves with warnings: the dyno has no `/app`, so what names it goes wrong. Rejects with SLUG_DAMAGED.
 */
export async function privateCopy(slug: SlugRecord, {store, to, owner}: PrivateCopyOptions): Promise<readonly string[]> {
  using checkout = await checkoutSlug(slug, {store})
  const give = (path: string | Buffer) => {
    if (owner !== undefined) lchownSync(path, owner.uid, owner.gid)
  }
  const copier = new FileCopier()
  try {
    await copyFolder(byteName(checkout.folder), byteName(to))
  } catch (error) {
    rmSync(to, {recursive: true, force: true})
    throw error
  }
  return appPathWarnings(slug)

  async function copyFolder(from: ByteName, target: ByteName): Promise<void> {
    mkdirSync(pathOf(target))
    chmodSync(pathOf(target), 0o755)
    give(pathOf(target))
    await turn()
    for (const entry of readdirSync(pathOf(from), {withFileTypes: true, encoding: 'latin1'})) {
      const [source, path] = [`${from}/${entry.name}`, `${target}/${entry.name}`]
      if (entry.isDirectory()) await copyFolder(source, path)
      else if (entry.isSymbolicLink()) symlinkSync(readlinkSync(pathOf(source), 'buffer'), pathOf(path))
      else copier.copy(pathOf(source), pathOf(path), mode => mode & 0o777)
      if (!entry.isDirectory()) give(pathOf(path))
    }
  }
}

/** What to tell about a slug that runs where it is not at `/app`. */
export function appPathWarnings({appPathFiles}: Pick<SlugRecord, 'appPathFiles'>): readonly string[] {
  return appPathFiles.map(path => `${path} names /app/, which does not exist for a dyno that has its own copy of the slug.`)
}
