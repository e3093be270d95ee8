import {createHash} from 'node:crypto'
import {readdirSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {pruneSlugs} from '../../../src/engines/slug/prune-slugs.ts'
import {readSlugs} from '../../../src/engines/slug/slug-records.ts'
import {packPaths} from '../../../src/engines/slug/slug-store.ts'
import {verifySlug} from '../../../src/engines/slug/verify-slug.ts'
import {storeTree, test} from '../../support/slug-store.ts'

const text = (seed: string) =>
  Array.from(
    {length: 500},
    (_, index) =>
      `${createHash('sha256')
        .update(seed + index)
        .digest('hex')}\n`,
  ).join('')

test('what is needed stays whole, what is not goes with its content', async ({folder, store}) => {
  const {slug: old} = await storeTree(store, join(folder, 'old'), {shared: text('s'), own: text('old')})
  const {slug: kept} = await storeTree(store, join(folder, 'kept'), {shared: text('s'), own: text('kept')})
  const before = packPaths(store).reduce((sum, path) => sum + statSync(path).size, 0)
  const {removed, freedBytes} = await pruneSlugs({store, isKept: id => id === kept.id})
  expect(removed.map(({id}) => id)).toEqual([old.id])
  expect(readSlugs(store).map(({id}) => id)).toEqual([kept.id])
  const after = packPaths(store).reduce((sum, path) => sum + statSync(path).size, 0)
  expect(freedBytes).toBe(before - after)
  expect(after).toBeLessThan(before)
  expect(await verifySlug(kept, {store})).toMatchObject({isWhole: true, damaged: []})
  expect((await storeTree(store, join(folder, 'old'), {})).reused).toBe(false)
})

test('a slug that is a difference to a removed one stays whole', async ({folder, store}) => {
  await storeTree(store, join(folder, 'app'), {a: text('a'), b: text('b')})
  writeFileSync(join(folder, 'app/a'), `${text('a')}one more line\n`)
  const {slug, newBytes} = await storeTree(store, join(folder, 'app'), {})
  expect(newBytes).toBeLessThan(2000)
  await pruneSlugs({store, isKept: id => id === slug.id})
  expect(readSlugs(store).length).toBe(1)
  expect(await verifySlug(slug, {store})).toMatchObject({isWhole: true})
})

test('without anything needed the store is empty, and works again', async ({folder, store}) => {
  await storeTree(store, join(folder, 'app'), {a: text('a')})
  await pruneSlugs({store, isKept: () => false})
  for (const part of ['packs', 'records', 'uses', 'tmp']) expect([part, readdirSync(join(store.folder, part))]).toEqual([part, []])
  expect((await pruneSlugs({store, isKept: () => false})).removed).toEqual([])
  const {slug} = await storeTree(store, join(folder, 'app'), {})
  expect(await verifySlug(slug, {store})).toMatchObject({isWhole: true})
})

test('content of builds that were killed before they were slugs goes', async ({folder, store}) => {
  const {slug} = await storeTree(store, join(folder, 'app'), {a: text('a')})
  rmSync(join(store.folder, 'records'), {recursive: true})
  expect(packPaths(store).length).toBe(1)
  await pruneSlugs({store, isKept: id => id === slug.id})
  expect(packPaths(store)).toEqual([])
})

test('many small packs become one', async ({folder, store}) => {
  for (let index = 0; index < 70; index++) {
    await storeTree(store, join(folder, 'app'), {a: text('a'), [`f${index}`]: String(index)})
  }
  expect(packPaths(store).length).toBe(70)
  await pruneSlugs({store, isKept: () => true})
  expect(packPaths(store).length).toBe(1)
  const [newest] = readSlugs(store)
  if (newest === undefined) throw new Error('no slug')
  expect(await verifySlug(newest, {store})).toMatchObject({isWhole: true})
})
