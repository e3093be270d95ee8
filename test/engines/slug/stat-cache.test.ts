import {readdirSync, truncateSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {type FileStamp, readStatCache, writeStatCache} from '../../../src/engines/slug/stat-cache.ts'
import {contentId} from '../../../src/engines/slug/tree-object.ts'
import {test} from '../../support/slug-store.ts'

const now = 1_764_000_000_000
const stamp: FileStamp = {dev: 7, ino: 42, size: 5, mtimeMs: now - 1000, ctimeMs: now - 500.25}
const content = contentId(Buffer.from('hello'))

test('a file that is as it was has the content that it had', ({store}) => {
  writeStatCache(store, '/app', {files: [{stamp, content}], readAtMs: now})
  expect(readStatCache(store, '/app')?.contentOf(stamp)).toBe(content)
  expect(readStatCache(store, '/other')).toBeUndefined()
})

test.for<readonly [what: string, change: Partial<FileStamp>]>([
  ['another size', {size: 6}],
  ['another time', {mtimeMs: stamp.mtimeMs + 0.001}],
  ['another change of its own', {ctimeMs: stamp.ctimeMs + 0.001}],
  ['another inode', {ino: 43}],
  ['another device', {dev: 8}],
])('%s: not known', ([, change], {store}) => {
  writeStatCache(store, '/app', {files: [{stamp, content}], readAtMs: now})
  expect(readStatCache(store, '/app')?.contentOf({...stamp, ...change})).toBeUndefined()
})

test.for<readonly [what: string, change: Partial<FileStamp>]>([
  ['changed while or just before it was read', {ctimeMs: now - 10}],
  ['is from the future', {mtimeMs: now + 5000}],
  ['has a number that is none', {ino: 2 ** 60}],
])('what %s is not remembered', ([, change], {store}) => {
  writeStatCache(store, '/app', {
    files: [
      {stamp, content},
      {stamp: {...stamp, ino: 1, ...change}, content},
    ],
    readAtMs: now,
  })
  const cache = readStatCache(store, '/app')
  expect(cache?.contentOf(stamp)).toBe(content)
  expect(cache?.contentOf({...stamp, ino: 1, ...change})).toBeUndefined()
})

test('a cache that was cut is none', ({store}) => {
  writeStatCache(store, '/app', {files: [{stamp, content}], readAtMs: now})
  const [name = ''] = readdirSync(join(store.cacheFolder, 'stats'))
  truncateSync(join(store.cacheFolder, 'stats', name), 50)
  expect(readStatCache(store, '/app')).toBeUndefined()
})

test('the folders of long ago are forgotten', ({store}) => {
  for (let index = 0; index < 30; index++) writeStatCache(store, `/app-${index}`, {files: [{stamp, content}], readAtMs: now})
  expect(readdirSync(join(store.cacheFolder, 'stats')).length).toBeLessThanOrEqual(21)
  expect(readStatCache(store, '/app-29')).toBeDefined()
})
