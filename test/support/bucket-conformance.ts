import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import type {Bucket} from '../../src/lib/bucket.ts'
import {test} from './temp-folder.ts'

/** What every bucket must do; each test has keys of its own. */
export function describeBucket(name: string, open: () => Promise<Bucket>): void {
  describe(`the bucket ${name}`, () => {
    test('what is not there is an answer', async ({folder}) => {
      const bucket = await open()
      expect(await bucket.get('a/none')).toBeUndefined()
      expect(await bucket.has('a/none')).toBe(false)
      expect(await bucket.getToFile('a/none', join(folder, 'x'))).toBe(false)
      expect(await bucket.list('a/none')).toEqual([])
      expect(await bucket.replace('a/none', Buffer.from('x'), '"00000000000000000000000000000000"')).toBe(false)
    })

    test('a key is created once, whoever comes first', async () => {
      const bucket = await open()
      // One after the other: moto, unlike S3, lets two through that come at the very same time.
      expect(await bucket.create('b/once', Buffer.from('one'))).toBe(true)
      expect(await bucket.create('b/once', Buffer.from('two'))).toBe(false)
      expect((await bucket.get('b/once'))?.bytes.toString()).toBe('one')
    })

    test('a version is replaced once', async () => {
      const bucket = await open()
      await bucket.create('c/key', Buffer.from('0'))
      const tag = (await bucket.get('c/key'))?.tag ?? ''
      expect(await bucket.replace('c/key', Buffer.from('1'), tag)).toBe(true)
      expect(await bucket.replace('c/key', Buffer.from('2'), tag)).toBe(false)
      expect((await bucket.get('c/key'))?.bytes.toString()).toBe('1')
    })

    test('lists by prefix, in order, however many', async () => {
      const bucket = await open()
      const keys = [...Array(1200).keys()].map(index => `d/${String(index).padStart(5, '0')}`)
      for (let at = 0; at < keys.length; at += 100)
        await Promise.all(keys.slice(at, at + 100).map(key => bucket.create(key, Buffer.from('x'))))
      expect(await bucket.list('d/')).toEqual(keys)
      expect(await bucket.list('d/0000')).toEqual(keys.slice(0, 10))
    })

    test.for([0, 1000, 20 * 1024 ** 2])('a file of %i bytes goes and comes back the same', async (size, {folder}) => {
      const bucket = await open()
      const file = join(folder, 'sent')
      writeFileSync(file, Buffer.alloc(size, 'homeport '))
      expect(await bucket.createFromFile(`e/${size}`, file)).toBe(true)
      expect(await bucket.createFromFile(`e/${size}`, file)).toBe(false)
      expect(await bucket.getToFile(`e/${size}`, join(folder, 'back'))).toBe(true)
      expect(readFileSync(join(folder, 'back')).equals(readFileSync(file))).toBe(true)
    })
  })
}
