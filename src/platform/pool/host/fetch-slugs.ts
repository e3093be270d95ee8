import {mkdir, readdir, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {imageArchive, slugImage, stackImage} from '../../../engines/pool/compose-image.ts'
import {fetchSlug, readSlugBase} from '../../../engines/pool/slug-transfer.ts'
import type {HostDocker} from '../../../engines/pool/swarm/host-docker.ts'
import type {Bucket} from '../../../lib/bucket.ts'
import type {Stack} from '../../../model/pool.ts'

export type HostFetchOptions = {readonly bucket: Bucket; readonly docker: HostDocker; readonly stack: Stack; readonly folder: string}

/** Makes the stack's image on this host: pulled, or of the archive in the bucket after its hash was checked. */
export async function fetchStack({bucket, docker, stack, folder}: HostFetchOptions): Promise<void> {
  if (stack.source.kind === 'image') {
    if (!(await docker.hasImage(stack.source.reference))) await docker.pullImage(stack.source.reference)
    return
  }
  const image = stackImage(stack)
  if (await docker.hasImage(image.id)) return
  await mkdir(folder, {recursive: true, mode: 0o700})
  const [layer] = stack.layers
  // The layer of a stack lies in the bucket as a slug does: whole, compressed, known by its hash.
  const tar = await fetchSlug(layer ?? '', {bucket, folder})
  await docker.loadImage(imageArchive(image, tar), image)
  await rm(tar, {force: true})
}

/**
 * Makes the images of `slugs` on this host: fetched, each bit checked, laid over the stack. Other slugs leave, but for those of
 * dynos that still run and tars that others are made of.
 */
export async function fetchSlugs(slugs: readonly string[], options: HostFetchOptions): Promise<void> {
  const {bucket, docker, stack, folder} = options
  await fetchStack(options)
  await mkdir(folder, {recursive: true, mode: 0o700})
  const images = slugs.map(slug => ({slug, image: slugImage(stack, slug)}))
  await docker.removeSlugImages(images.map(({image}) => image))
  const bases = new Set<string>()
  for (const {slug, image} of images) {
    bases.add((await readSlugBase(bucket, slug)) ?? slug)
    if (await docker.hasImage(image.id)) continue
    await docker.loadImage(imageArchive(image, await fetchSlug(slug, {bucket, folder})), image)
  }
  const kept = new Set([...bases].map(slug => `${slug.replace(/^sha256:/, '')}.tar`))
  for (const name of await readdir(folder)) if (!kept.has(name)) await rm(join(folder, name), {force: true})
}
