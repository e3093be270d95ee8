import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {exportSlug} from '../../../src/engines/slug/export-slug.ts'
import {pruneSlugs} from '../../../src/engines/slug/prune-slugs.ts'
import {readSlugs} from '../../../src/engines/slug/slug-records.ts'
import {packPaths, type SlugStore} from '../../../src/engines/slug/slug-store.ts'
import {verifySlug} from '../../../src/engines/slug/verify-slug.ts'
import {writeTree} from '../../support/file-tree.ts'
import {newStore, storeTree, test} from '../../support/slug-store.ts'
import {canMount, mountSmallDisk} from '../../support/small-disk.ts'

/** Another process that stores a folder. */
function storeElsewhere(store: SlugStore, folder: string) {
  const source = (name: string) => JSON.stringify(new URL(`../../../src/engines/slug/${name}`, import.meta.url).href)
  const script = `
    const {storeSlug} = await import(${source('store-slug.ts')})
    console.log('begins')
    const {slug} = await storeSlug(${JSON.stringify(folder)}, {store: ${JSON.stringify(store)}, processTypes: new Map([['web', 'x']]), stack: 'heroku-24'})
    console.log(slug.id)`
  return spawn(process.execPath, ['--input-type=module', '-e', script], {stdio: ['ignore', 'pipe', 'inherit']})
}

/** 3 MB in files of many sizes. */
function writeApp(folder: string, mark: string): string {
  writeTree(folder, {Procfile: 'web: x\n', mark})
  for (let index = 0; index < 60; index++) {
    writeFileSync(join(folder, `file-${index}`), Buffer.alloc(index * 1700, `${mark} ${index} ${(index * 2654435761) % 2 ** 32} `))
  }
  return folder
}

async function expectAllWhole(store: SlugStore): Promise<void> {
  for (const slug of readSlugs(store)) expect(await verifySlug(slug, {store})).toMatchObject({isWhole: true, damaged: []})
}

test('a kill at any moment leaves every slug whole, and the next build clears the rest', async ({folder, store}) => {
  await storeTree(store, writeApp(join(folder, 'first'), 'first'), {})
  for (let round = 0; round < 8; round++) {
    const child = storeElsewhere(store, writeApp(join(folder, `app-${round}`), `mark ${round}`))
    await once(child.stdout, 'data')
    const killing = setTimeout(() => child.kill('SIGKILL'), round * 10)
    await once(child, 'close')
    clearTimeout(killing)
    await expectAllWhole(store)
  }
  const {slug} = await storeTree(store, join(folder, 'app-0'), {})
  expect(await verifySlug(slug, {store})).toMatchObject({isWhole: true})
  expect(readdirSync(join(store.folder, 'tmp'))).toEqual([])
  await pruneSlugs({store, isKept: id => id === slug.id})
  await expectAllWhole(store)
})

test('processes that build at once do not disturb each other', async ({folder, store}) => {
  const apps = Array.from({length: 4}, (_, index) => writeApp(join(folder, `app-${index}`), `mark ${index >> 1}`))
  const children = apps.map(app => storeElsewhere(store, app))
  const codes = await Promise.all(children.map(async child => (await once(child, 'close'))[0]))
  expect(codes).toEqual([0, 0, 0, 0])
  expect(readSlugs(store).length).toBe(2)
  await expectAllWhole(store)
})

test('builds and prunes at once do not disturb each other', async ({folder, store}) => {
  const children = Array.from({length: 3}, (_, index) => storeElsewhere(store, writeApp(join(folder, `app-${index}`), `mark ${index}`)))
  const closed = Promise.all(children.map(async child => (await once(child, 'close'))[0]))
  let isDone = false
  void closed.then(() => (isDone = true))
  while (!isDone) {
    await pruneSlugs({store, isKept: id => id.startsWith('sha256:0')})
    await new Promise(setImmediate)
  }
  expect(await closed).toEqual([0, 0, 0])
  await expectAllWhole(store)
})

test.runIf(canMount)('a full disk is an error that leaves the store as it was', async ({folder}) => {
  const disk = mountSmallDisk(join(folder, 'disk'), 1024 * 1024)
  try {
    const store = newStore(join(disk.path, 'home'))
    const {slug} = await storeTree(store, join(folder, 'small'), {a: 'a'})
    const noise = join(folder, 'noise')
    mkdirSync(noise)
    for (let index = 0; index < 40; index++) writeFileSync(join(noise, `f${index}`), noiseOf(100_000, index))
    await expect(storeTree(store, noise, {})).rejects.toMatchObject({code: 'ENOSPC'})
    expect(readSlugs(store).map(({id}) => id)).toEqual([slug.id])
    expect(readdirSync(join(store.folder, 'tmp'))).toEqual([])
    await expectAllWhole(store)
    expect((await storeTree(store, join(folder, 'other'), {b: 'b'})).reused).toBe(false)
  } finally {
    disk.unmount()
  }
})

test.runIf(canMount)('a store that cannot be written can still be read', async ({folder}) => {
  const disk = mountSmallDisk(join(folder, 'disk'), 1024 * 1024)
  try {
    const store = newStore(join(disk.path, 'home'))
    const {slug} = await storeTree(store, join(folder, 'app'), {a: 'a'})
    disk.makeReadOnly()
    expect(readSlugs(store).map(({id}) => id)).toEqual([slug.id])
    await exportSlug(slug, {store, file: join(folder, 'slug.tar'), packing: 'tar'})
    await expect(storeTree(store, join(folder, 'other'), {b: 'b'})).rejects.toMatchObject({code: 'EROFS'})
  } finally {
    disk.unmount()
  }
})

function noiseOf(bytes: number, seed: number): Buffer {
  const noise = Buffer.alloc(bytes)
  let state = seed + 1
  for (let at = 0; at < bytes; at++) {
    state = (Math.imul(state, 1103515245) + 12345) >>> 0
    noise[at] = state >>> 16
  }
  return noise
}

test('a flipped bit anywhere is found, dropped, and put back by the next build', async ({folder, store}) => {
  const app = writeApp(join(folder, 'app'), 'mark')
  const {slug} = await storeTree(store, app, {})
  const [path = ''] = packPaths(store)
  const good = readFileSync(path)
  for (const share of [0.01, 0.3, 0.6, 0.9, 0.97, 0.999]) {
    const [current = path] = packPaths(store)
    const bytes = readFileSync(current)
    const at = Math.floor(share * bytes.length)
    bytes.writeUInt8(bytes.readUInt8(at) ^ 4, at)
    writeFileSync(current, bytes)
    const found = await verifySlug(slug, {store})
    expect([share, found.isWhole]).toEqual([share, false])
    expect(found.damaged.length).toBeGreaterThan(0)
    const again = await storeTree(store, app, {})
    expect([again.slug.id, again.reused]).toEqual([slug.id, false])
    expect(await verifySlug(slug, {store})).toMatchObject({isWhole: true, damaged: []})
    await pruneSlugs({store, isKept: () => true})
  }
  expect(existsSync(path) || good.length > 0).toBe(true)
})

test('damage in one slug is no damage in another', async ({folder, store}) => {
  const {slug: one} = await storeTree(store, join(folder, 'one'), {shared: 's'.repeat(2000), own: 'one'.repeat(1000)})
  const {slug: two} = await storeTree(store, join(folder, 'two'), {shared: 's'.repeat(2000), own: 'two'.repeat(999)})
  const second = packPaths(store).toSorted((a, b) => readFileSync(a).length - readFileSync(b).length)[0] ?? ''
  const bytes = readFileSync(second)
  bytes.writeUInt8(bytes.readUInt8(30) ^ 1, 30)
  writeFileSync(second, bytes)
  const found = [await verifySlug(one, {store}), await verifySlug(two, {store})]
  expect(found.filter(({isWhole}) => isWhole).length).toBe(1)
})
