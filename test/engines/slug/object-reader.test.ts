import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {DamagedObjectError, ObjectReader} from '../../../src/engines/slug/object-reader.ts'
import {Pack} from '../../../src/engines/slug/pack.ts'
import {PackWriter} from '../../../src/engines/slug/pack-writer.ts'
import {contentId} from '../../../src/engines/slug/tree-object.ts'
import {test} from '../../support/temp-folder.ts'

const frameBytes = 4 * 1024 * 1024
const large = Buffer.alloc(2.5 * frameBytes, 'a large object that lies in several frames ')

/** A pack of some objects, each under the id that is given. */
async function packed(path: string, objects: readonly (readonly [id: string, bytes: Buffer])[]): Promise<ObjectReader> {
  const writer = new PackWriter(path)
  for (const [id, bytes] of objects) await writer.append({id, facts: 0, depth: 0}, bytes)
  await writer.finish()
  const pack = Pack.open(path)
  if (pack === undefined) throw new Error('no pack')
  return new ObjectReader([pack])
}

const all = (reader: ObjectReader, id: string) => Buffer.concat([...reader.parts(id)].map(part => Buffer.from(part)))

test('objects come out as they went in, whole and in parts', async ({folder}) => {
  const bytes = [Buffer.from('one'), Buffer.alloc(0), large, Buffer.from('two')]
  using reader = await packed(
    join(folder, 'a.pack'),
    bytes.map(object => [contentId(object), object] as const),
  )
  for (const object of [...bytes, ...bytes.toReversed()]) {
    await reader.prepare(contentId(object))
    expect(reader.read(contentId(object)).equals(object)).toBe(true)
    expect(all(reader, contentId(object)).equals(object)).toBe(true)
  }
})

test.for([
  ['small', Buffer.from('not that')],
  ['large', large],
] as const)('an object that is not what its id says is damage, also when its frame is whole (%s)', async ([, bytes], {folder}) => {
  const id = contentId(Buffer.from('something else'))
  using reader = await packed(join(folder, 'a.pack'), [[id, bytes]])
  expect(() => reader.read(id)).toThrow(expect.objectContaining({id, actual: contentId(bytes)}))
  expect(() => all(reader, id)).toThrow(DamagedObjectError)
})

test('a pack with a wrong bit anywhere gives right objects, damage or no pack, and nothing else', async ({folder}) => {
  const objects = ['one', 'two', 'three'].map(text => Buffer.from(text.repeat(20)))
  const path = join(folder, 'a.pack')
  const reader = await packed(
    path,
    objects.map(object => [contentId(object), object] as const),
  )
  reader[Symbol.dispose]()
  const good = readFileSync(path)
  for (let at = 0; at < good.length; at++) {
    const bytes = Buffer.from(good)
    bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << (at % 8)), at)
    writeFileSync(path, bytes)
    const pack = Pack.open(path)
    if (pack === undefined) continue
    using spoilt = new ObjectReader([pack])
    for (const object of objects) {
      try {
        expect(spoilt.read(contentId(object)).equals(object)).toBe(true)
      } catch (error) {
        expect(error).toBeInstanceOf(DamagedObjectError)
      }
    }
  }
})

test('an object that is not there is damage', async ({folder}) => {
  using reader = await packed(join(folder, 'a.pack'), [])
  expect(() => reader.read(contentId(large))).toThrow(DamagedObjectError)
  expect(() => reader.prepare(contentId(large))).toThrow(DamagedObjectError)
  expect(reader.has(contentId(large))).toBe(false)
})
