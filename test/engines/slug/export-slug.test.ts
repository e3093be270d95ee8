import {execFileSync, spawn} from 'node:child_process'
import {createHash} from 'node:crypto'
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {buffer} from 'node:stream/consumers'
import {expect} from 'vitest'
import {exportSlug} from '../../../src/engines/slug/export-slug.ts'
import {packings} from '../../../src/lib/pack-frames.ts'
import {slugHex} from '../../../src/model/slug.ts'
import {writeTree} from '../../support/file-tree.ts'
import {newStore, storeTree, test} from '../../support/slug-store.ts'

/** More than two frames, of text that packs well. */
const large = Array.from({length: 220_000}, (_, index) => `line ${index} ${(index * 2654435761) % 2 ** 32}\n`).join('')
const tree = {Procfile: 'web: bin/web\n', 'bin/web*': '#!/bin/sh\n', 'lib/large.txt': large}

test.for(packings)(
  '%s has the same bytes from a store that has the slug as a whole and from one that has it in parts',
  async (packing, {folder, store}) => {
    const {slug} = await storeTree(store, join(folder, 'app'), tree)
    const parts = newStore(join(folder, 'parts'))
    await storeTree(parts, join(folder, 'first'), {...tree, 'lib/large.txt': `${large}more`, 'lib/other': 'x'})
    const {slug: same} = await storeTree(parts, join(folder, 'second'), tree)
    expect(same.id).toBe(slug.id)
    const files = [join(folder, `one.${packing}`), join(folder, `two.${packing}`)] as const
    expect(await exportSlug(slug, {store, file: files[0], packing})).toBe(readFileSync(files[0]).length)
    await exportSlug(same, {store: parts, file: files[1], packing})
    expect(readFileSync(files[0]).equals(readFileSync(files[1]))).toBe(true)
    if (packing === 'tar.zst') expect(slug.archiveBytes).toBe(readFileSync(files[0]).length)
  },
)

test.for([
  ['tar', ['cat']],
  ['tar.gz', ['gzip', '-dc']],
  ['tar.zst', ['zstd', '-dc']],
] as const)('%s is read by the usual tools', async ([packing, [tool, ...args]], {folder, store}) => {
  const {slug} = await storeTree(store, join(folder, 'app'), tree)
  const file = join(folder, `slug.${packing}`)
  await exportSlug(slug, {store, file, packing})
  const raw = execFileSync(tool, [...args, file], {maxBuffer: 2 ** 26})
  expect(createHash('sha256').update(raw).digest('hex')).toBe(slugHex(slug.id))
})

/** Other numbers for zlib or zstd would give other bytes for the slugs that are out there. */
test('the bytes of archives never change', async ({folder, store}) => {
  const {slug} = await storeTree(store, join(folder, 'app'), {...tree, 'lib/large.txt': large.slice(0, 1_500_000)})
  const digests: Record<string, string> = {}
  for (const packing of packings) {
    await exportSlug(slug, {store, file: join(folder, 'slug'), packing})
    digests[packing] = createHash('sha256')
      .update(readFileSync(join(folder, 'slug')))
      .digest('hex')
      .slice(0, 16)
  }
  expect(digests).toEqual({tar: '28e35a3d083b6455', 'tar.gz': 'c44f46c00eeaf27e', 'tar.zst': 'fe83ef154b6a11ca'})
})

test('an archive that is there is replaced, and no draft stays beside it', async ({folder, store}) => {
  const {slug} = await storeTree(store, join(folder, 'app'), tree)
  mkdirSync(join(folder, 'out'))
  writeFileSync(join(folder, 'out/slug.tar'), 'old')
  await exportSlug(slug, {store, file: join(folder, 'out/slug.tar'), packing: 'tar'})
  expect(readFileSync(join(folder, 'out/slug.tar')).length).toBeGreaterThan(large.length)
  expect(readdirSync(join(folder, 'out'))).toEqual(['slug.tar'])
})

test('a pipe gets the archive too', async ({folder, store}) => {
  const {slug} = await storeTree(store, join(folder, 'app'), {a: 'a'})
  const pipe = join(folder, 'pipe')
  execFileSync('mkfifo', [pipe])
  const reader = spawn('cat', [pipe], {stdio: ['ignore', 'pipe', 'inherit']})
  const [, read] = await Promise.all([exportSlug(slug, {store, file: pipe, packing: 'tar'}), buffer(reader.stdout)])
  expect(createHash('sha256').update(read).digest('hex')).toBe(slugHex(slug.id))
})

test('a folder that is not there is an error, and nothing is made', async ({folder, store}) => {
  const {slug} = await storeTree(store, writeTree(join(folder, 'app'), {}), tree)
  await expect(exportSlug(slug, {store, file: join(folder, 'nowhere/slug.tar'), packing: 'tar'})).rejects.toThrow('ENOENT')
})
