import {createHash, randomBytes} from 'node:crypto'
import {mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {fetchSlug, isSlugUploaded, SlugMismatchError, uploadSlug} from '../../../src/engines/pool/slug-transfer.ts'
import {MemoryBucket} from '../../support/memory-bucket.ts'
import {test} from '../../support/temp-folder.ts'

const base = randomBytes(3_000_000)
const changed = Buffer.concat([base.subarray(0, 1_000_000), Buffer.from('one line\n'), base.subarray(1_000_100)])

function slugOf(folder: string, bytes: Buffer): {id: string; tar: string} {
  const hex = createHash('sha256').update(bytes).digest('hex')
  const tar = join(folder, hex)
  writeFileSync(tar, bytes)
  return {id: `sha256:${hex}`, tar}
}

test('a slug goes to the bucket once and comes back byte for byte', async ({folder}) => {
  const bucket = new MemoryBucket()
  const {id, tar} = slugOf(folder, base)
  expect(await isSlugUploaded(bucket, id)).toBe(false)
  const sent = await uploadSlug(id, tar, {bucket, bases: [], folder})
  expect(sent).toBe(bucket.bytesWritten)
  expect(await uploadSlug(id, tar, {bucket, bases: [], folder})).toBe(0)
  mkdirSync(join(folder, 'host'))
  const path = await fetchSlug(id, {bucket, folder: join(folder, 'host')})
  expect(readFileSync(path).equals(base)).toBe(true)
  expect(readdirSync(join(folder, 'host'))).toEqual([`${id.slice(7)}.tar`])
})

test('a change of one line sends little, and a host that has nothing can still make it', async ({folder}) => {
  const bucket = new MemoryBucket()
  const [one, two] = [slugOf(folder, base), slugOf(folder, changed)]
  await uploadSlug(one.id, one.tar, {bucket, bases: [], folder})
  expect(await uploadSlug(two.id, two.tar, {bucket, bases: [one.id], folder})).toBeLessThan(150_000)
  mkdirSync(join(folder, 'host'))
  expect(readFileSync(await fetchSlug(two.id, {bucket, folder: join(folder, 'host')})).equals(changed)).toBe(true)
})

test('a delta is never of a delta', async ({folder}) => {
  const bucket = new MemoryBucket()
  const slugs = [base, changed, Buffer.concat([changed, Buffer.from('more')])].map(bytes => slugOf(folder, bytes))
  let bases: string[] = []
  for (const {id, tar} of slugs) {
    await uploadSlug(id, tar, {bucket, bases, folder})
    bases = [id]
  }
  const object = bucket.objects.get(`slugs/${slugs[2]?.id.slice(7)}/slug.json`)?.bytes.toString() ?? ''
  expect(JSON.parse(object)).toMatchObject({kind: 'delta', base: slugs[0]?.id})
})

test('what has little in common goes whole', async ({folder}) => {
  const bucket = new MemoryBucket()
  const [one, two] = [slugOf(folder, base), slugOf(folder, randomBytes(1_000_000))]
  await uploadSlug(one.id, one.tar, {bucket, bases: [], folder})
  await uploadSlug(two.id, two.tar, {bucket, bases: [one.id], folder})
  expect(bucket.objects.has(`slugs/${two.id.slice(7)}/tar.zst`)).toBe(true)
})

test('broken off in the middle: not there, and done again it is', async ({folder}) => {
  const bucket = new MemoryBucket()
  const {id, tar} = slugOf(folder, base)
  bucket.onWrite = key => {
    if (key.endsWith('chunks.zst')) throw new Error('network gone')
  }
  await expect(uploadSlug(id, tar, {bucket, bases: [], folder})).rejects.toThrow('network gone')
  expect(await isSlugUploaded(bucket, id)).toBe(false)
  bucket.onWrite = () => {}
  await uploadSlug(id, tar, {bucket, bases: [], folder})
  expect(await isSlugUploaded(bucket, id)).toBe(true)
  expect(readdirSync(folder)).toEqual([id.slice(7)])
})

test('what is another slug than its name says is not used', async ({folder}) => {
  const bucket = new MemoryBucket()
  const [one, two] = [slugOf(folder, base), slugOf(folder, changed)]
  for (const {id, tar} of [one, two]) await uploadSlug(id, tar, {bucket, bases: [], folder})
  const other = bucket.objects.get(`slugs/${two.id.slice(7)}/tar.zst`)
  if (other === undefined) throw new Error('not uploaded')
  bucket.objects.set(`slugs/${one.id.slice(7)}/tar.zst`, other)
  mkdirSync(join(folder, 'host'))
  await expect(fetchSlug(one.id, {bucket, folder: join(folder, 'host')})).rejects.toThrow(SlugMismatchError)
  await expect(fetchSlug(`sha256:${'0'.repeat(64)}`, {bucket, folder: join(folder, 'host')})).rejects.toThrow('not in the bucket')
  await expect.poll(() => readdirSync(join(folder, 'host'))).toEqual([])
})
