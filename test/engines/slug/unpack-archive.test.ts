import {existsSync, mkdirSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {unpackArchive} from '../../../src/engines/slug/unpack-archive.ts'
import {tarBytes} from '../../support/tar-bytes.ts'
import {test} from '../../support/temp-folder.ts'

/** Large enough for a thread of its own. */
function writeArchive(folder: string): string {
  const files = Array.from({length: 60}, (_, index) => ({name: `f${index}`, content: Buffer.alloc(200_000, String(index))}))
  writeFileSync(join(folder, 'a.tar'), tarBytes(files))
  return join(folder, 'a.tar')
}

test('a large archive is unpacked in a thread', async ({folder}) => {
  const extracted = await unpackArchive(writeArchive(folder), {to: join(folder, 'out')})
  expect(extracted).toEqual({members: 60, unpackedBytes: 12_000_000, wasBelowApp: false})
  expect(readdirSync(join(folder, 'out')).length).toBe(60)
})

test('a refusal comes out of the thread as it is', async ({folder}) => {
  const archive = writeArchive(folder)
  const refused = unpackArchive(archive, {to: join(folder, 'out'), limits: {members: 10}})
  await expect(refused).rejects.toMatchObject({
    code: 'ARCHIVE_REFUSED',
    message: 'a.tar is refused: more than 10 members.',
    hint: expect.any(String),
  })
  expect(existsSync(join(folder, 'out'))).toBe(false)
})

test.for(['new', 'empty'])('called off in the middle, a folder is as %s as it was', async (kind, {folder}) => {
  const archive = writeArchive(folder)
  const to = join(folder, 'out')
  if (kind === 'empty') mkdirSync(to)
  const stop = new AbortController()
  const unpacking = unpackArchive(archive, {to, signal: stop.signal})
  const outcome = unpacking.then(
    () => 'done',
    error => error.message,
  )
  await expect.poll(() => existsSync(join(to, 'f3')), {interval: 1, timeout: 20_000}).toBe(true)
  stop.abort(new Error('called off'))
  if ((await outcome) === 'done') return // it was faster than we
  expect(await outcome).toBe('called off')
  expect(existsSync(to) ? readdirSync(to) : 'new').toEqual(kind === 'new' ? 'new' : [])
})
