import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {appendFileSync, chmodSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {checkoutSlug} from '../../../src/engines/slug/checkout-slug.ts'
import {privateCopy} from '../../../src/engines/slug/private-copy.ts'
import {pruneSlugs} from '../../../src/engines/slug/prune-slugs.ts'
import {readSlugs} from '../../../src/engines/slug/slug-records.ts'
import {unpackSlug} from '../../../src/engines/slug/unpack-slug.ts'
import {readTree} from '../../support/file-tree.ts'
import {storeTree, test} from '../../support/slug-store.ts'

const tree = {Procfile: 'web: bin/web\n', 'bin/web*': '#!/bin/sh\n', 'bin/link': '-> web', 'lib/a': 'one', 'tmp/cache': '/'}
const slugJson = '{"arch":"any","libc":"any","os":"any","processTypes":{"web":"bin/web"},"stack":"heroku-24"}'
const asStored = {...tree, '.homeport/slug.json': slugJson}

test('a slug is laid out once, as it was, and used by all', async ({folder, store}) => {
  const {slug} = await storeTree(store, join(folder, 'app'), tree)
  using first = await checkoutSlug(slug, {store})
  expect(readTree(first.folder)).toEqual(asStored)
  const made = statSync(first.folder, {bigint: true})
  using second = await checkoutSlug(slug, {store})
  expect(second.folder).toBe(first.folder)
  expect(statSync(second.folder, {bigint: true}).ino).toBe(made.ino)
})

test('modes are those of the archive, whatever the umask', async ({folder, store}) => {
  const {slug} = await storeTree(store, join(folder, 'app'), tree)
  const umask = process.umask(0o077)
  try {
    using checkout = await checkoutSlug(slug, {store})
    const modes = ['', 'lib', 'lib/a', 'bin/web'].map(path => (statSync(join(checkout.folder, path)).mode & 0o777).toString(8))
    expect(modes).toEqual(['755', '755', '644', '755'])
  } finally {
    process.umask(umask)
  }
})

test.for<readonly [change: string, change: (folder: string) => void]>([
  ['written to', folder => appendFileSync(join(folder, 'lib/a'), 'x')],
  ['written to and back', folder => writeFileSync(join(folder, 'lib/a'), 'one')],
  ['made runnable', folder => chmodSync(join(folder, 'lib/a'), 0o755)],
  ['removed in part', folder => rmSync(join(folder, 'lib/a'))],
  ['added to', folder => writeFileSync(join(folder, 'lib/b'), 'x')],
])('a checkout that was %s is made anew, and the old one stays for who has it', async ([, change], {folder, store}) => {
  const {slug} = await storeTree(store, join(folder, 'app'), tree)
  using first = await checkoutSlug(slug, {store})
  const before = statSync(first.folder).ino
  change(first.folder)
  using second = await checkoutSlug(slug, {store})
  expect(readTree(second.folder)).toEqual(asStored)
  expect(statSync(second.folder).ino).not.toBe(before)
  const places = readdirSync(join(store.cacheFolder, 'checkouts'))
  expect(places.length).toBe(2)
  expect(places.map(name => statSync(join(store.cacheFolder, 'checkouts', name, 'app')).ino)).toContain(before)
})

test.runIf(process.getuid?.() === 0)('root lays out slugs for the user of its dynos', async ({folder, store}) => {
  const {slug} = await storeTree(store, join(folder, 'app'), tree)
  using checkout = await checkoutSlug(slug, {store, owner: {uid: 60_599, gid: 60_599}})
  for (const path of ['', 'lib', 'lib/a', 'bin/link', 'tmp/cache']) expect(statSync(join(checkout.folder, path)).uid).toBe(60_599)
  using own = await checkoutSlug(slug, {store})
  expect(own.folder).not.toBe(checkout.folder)
  expect(statSync(own.folder).uid).toBe(0)
})

test('processes that lay out the same slug at once agree', async ({folder, store}) => {
  const files = Object.fromEntries(Array.from({length: 300}, (_, index) => [`f/${index}`, `content ${index}`]))
  const {slug} = await storeTree(store, join(folder, 'app'), {...tree, ...files})
  const outcomes = await Promise.all(Array.from({length: 4}, () => layOutElsewhere(store, slug.id)))
  expect(new Set(outcomes.map(({output}) => output)).size).toBe(1)
  expect(outcomes.map(({code}) => code)).toEqual([0, 0, 0, 0])
  expect(readdirSync(join(store.cacheFolder, 'checkouts')).length).toBe(1)
  using checkout = await checkoutSlug(slug, {store})
  expect(readTree(checkout.folder)).toEqual({...asStored, ...files})
})

test('a damaged slug does not boot: R17, with both sums, and nothing is laid out', async ({folder, store}) => {
  const {slug} = await storeTree(store, join(folder, 'app'), {...tree, 'lib/a': 'x'.repeat(3000)})
  flipByte(store, 40)
  const error = await checkoutSlug(slug, {store}).catch(thrown => thrown)
  expect(error).toMatchObject({code: 'SLUG_DAMAGED', exitCode: 5})
  expect(error.message).toMatch(
    /^Error R17 \(Checksum error\) -> Checksum does match expected value\. Expected: SHA256:[0-9a-f]{64} Actual: SHA256:(?:[0-9a-f]{64}|unreadable)$/,
  )
  expect(error.hint).toContain('slugs:verify')
  expect(readdirSync(join(store.cacheFolder, 'checkouts'))).toEqual([])
})

test('a checkout in use is not pruned, and one whose process is gone is', async ({folder, store}) => {
  const {slug} = await storeTree(store, join(folder, 'app'), tree)
  const child = startElsewhere(store, slug.id)
  await once(child.stdout, 'data')
  expect((await pruneSlugs({store, isKept: () => false})).removed).toEqual([])
  expect(readdirSync(join(store.cacheFolder, 'checkouts')).length).toBe(1)
  child.kill('SIGKILL')
  await once(child, 'close')
  expect((await pruneSlugs({store, isKept: () => false})).removed.map(({id}) => id)).toEqual([slug.id])
  expect(readdirSync(join(store.cacheFolder, 'checkouts'))).toEqual([])
  expect(readSlugs(store)).toEqual([])
})

test('a slug that was pruned meanwhile is unknown', async ({folder, store}) => {
  const {slug} = await storeTree(store, join(folder, 'app'), tree)
  await pruneSlugs({store, isKept: () => false})
  await expect(checkoutSlug(slug, {store})).rejects.toMatchObject({code: 'SLUG_UNKNOWN'})
})

test('a private copy is whole and writable, and tells what names /app/', async ({folder, store}) => {
  const {slug} = await storeTree(store, join(folder, 'app'), {...tree, 'nginx.conf': 'root /app/public;\n'})
  const warnings = await privateCopy(slug, {store, to: join(folder, 'copy')})
  expect(warnings).toEqual(['nginx.conf names /app/, which does not exist for a dyno that has its own copy of the slug.'])
  expect(readTree(join(folder, 'copy'))).toEqual({...asStored, 'nginx.conf': 'root /app/public;\n'})
  writeFileSync(join(folder, 'copy/lib/a'), 'mine')
  using checkout = await checkoutSlug(slug, {store})
  expect(readFileSync(join(checkout.folder, 'lib/a'), 'utf8')).toBe('one')
})

test('a slug is unpacked into a folder of the caller', async ({folder, store}) => {
  const {slug} = await storeTree(store, join(folder, 'app'), tree)
  await unpackSlug(slug, {store, to: join(folder, 'out')})
  expect(readTree(join(folder, 'out'))).toEqual(asStored)
})

test('large slugs go through a thread, and its errors come back', async ({folder, store}) => {
  const files = Object.fromEntries(Array.from({length: 20}, (_, index) => [`f${index}`, String(index).repeat(300_000)]))
  const {slug} = await storeTree(store, join(folder, 'app'), files)
  using checkout = await checkoutSlug(slug, {store})
  expect(readFileSync(join(checkout.folder, 'f19'), 'utf8')).toBe(files['f19'])
  flipByte(store, 400)
  await expect(unpackSlug(slug, {store, to: join(folder, 'out')})).rejects.toMatchObject({code: 'SLUG_DAMAGED'})
  expect(readdirSync(folder)).not.toContain('out')
})

function flipByte({folder}: {readonly folder: string}, at: number): void {
  const [name = ''] = readdirSync(join(folder, 'packs'))
  const path = join(folder, 'packs', name)
  const bytes = readFileSync(path)
  bytes.writeUInt8(bytes.readUInt8(at) ^ 0x10, at)
  writeFileSync(path, bytes)
}

function startElsewhere(store: {readonly folder: string; readonly cacheFolder: string}, id: string) {
  const source = (name: string) => JSON.stringify(new URL(`../../../src/engines/slug/${name}`, import.meta.url).href)
  const script = `
    const {checkoutSlug} = await import(${source('checkout-slug.ts')})
    const {readRecord} = await import(${source('slug-records.ts')})
    const store = ${JSON.stringify(store)}
    globalThis.checkout = await checkoutSlug(readRecord(store, ${JSON.stringify(id)}), {store})
    console.log(checkout.folder)
    process.stdin.resume()`
  return spawn(process.execPath, ['--input-type=module', '-e', script], {stdio: ['pipe', 'pipe', 'inherit']})
}

async function layOutElsewhere(store: {readonly folder: string; readonly cacheFolder: string}, id: string) {
  const child = startElsewhere(store, id)
  child.stdin.end()
  let output = ''
  child.stdout.on('data', part => (output += part))
  const [code] = await once(child, 'close')
  return {code, output}
}
