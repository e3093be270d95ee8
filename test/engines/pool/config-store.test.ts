import {expect, test} from 'vitest'
import {ConfigStore} from '../../../src/engines/pool/config-store.ts'
import {localKeys} from '../../support/local-keys.ts'
import {MemoryBucket} from '../../support/memory-bucket.ts'

const values = new Map([
  ['A', 'geheim'],
  ['__proto__', 'too'],
])
const setUp = () => {
  const [bucket, keys] = [new MemoryBucket(), localKeys()]
  return {bucket, keys, store: new ConfigStore({bucket, keys, pool: 'demo', app: 'shop'})}
}

test('what is written is read again by its hash, and lies in the bucket encrypted', async () => {
  const {bucket, store} = setUp()
  const hash = await store.write(values)
  expect([...(await store.read(hash))].sort()).toEqual([...values].sort())
  expect([...bucket.objects.keys()]).toEqual([`config/shop/${hash}`])
  expect(bucket.objects.get(`config/shop/${hash}`)?.bytes.toString()).not.toMatch(/geheim|Z2VoZWlt/)
})

test('the hash says nothing of the values', async () => {
  const {store} = setUp()
  expect(await store.write(values)).not.toBe(await store.write(values))
})

test('another app cannot read it, nor can it be exchanged or changed unseen', async () => {
  const {bucket, keys, store} = setUp()
  const [one, other] = [await store.write(values), await store.write(new Map([['A', 'x']]))]
  const object = bucket.objects.get(`config/shop/${one}`)
  if (object === undefined) throw new Error('not written')
  bucket.objects.set(`config/blog/${one}`, object)
  await expect(new ConfigStore({bucket, keys, pool: 'demo', app: 'blog'}).read(one)).rejects.toThrow()
  bucket.objects.set(`config/shop/${other}`, object)
  await expect(store.read(other)).rejects.toThrow('are others than their name says')
  const sealed = JSON.parse(object.bytes.toString())
  const data = Buffer.from(sealed.data, 'base64')
  data[0] = (data[0] ?? 0) ^ 1
  bucket.objects.set(`config/shop/${one}`, {...object, bytes: Buffer.from(JSON.stringify({...sealed, data: data.toString('base64')}))})
  await expect(store.read(one)).rejects.toThrow()
  await expect(store.read('nope')).rejects.toThrow('not in the bucket')
})
