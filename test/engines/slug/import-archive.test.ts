import {execFileSync} from 'node:child_process'
import {copyFileSync, readdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {exportSlug} from '../../../src/engines/slug/export-slug.ts'
import {importArchive} from '../../../src/engines/slug/import-archive.ts'
import {readSlugs} from '../../../src/engines/slug/slug-records.ts'
import {packings} from '../../../src/lib/pack-frames.ts'
import {writeTree} from '../../support/file-tree.ts'
import {newStore, storeTree, test} from '../../support/slug-store.ts'
import {tarBytes} from '../../support/tar-bytes.ts'

const stack = 'heroku-24'
const tree = {Procfile: 'web: bin/web\nworker: w\n', 'bin/web*': '#!/bin/sh\n', 'lib/a': 'x'.repeat(5000), empty: '/', link: '-> lib/a'}

test.for(packings)('what was exported as %s is the same slug elsewhere', async (packing, {folder, store}) => {
  const {slug} = await storeTree(store, join(folder, 'app'), tree)
  const file = join(folder, `slug.${packing}`)
  await exportSlug(slug, {store, file, packing})
  const other = newStore(join(folder, 'other'))
  const imported = await importArchive(file, {store: other, stack: 'other'})
  expect(imported.slug).toMatchObject({id: slug.id, stack: 'heroku-24', processTypes: slug.processTypes, archiveBytes: slug.archiveBytes})
  expect([imported.reused, imported.assumed, imported.warnings]).toEqual([false, [], []])
  expect((await importArchive(file, {store: other, stack})).reused).toBe(true)
})

test('an archive by tar gets its types from the Procfile, and says what was assumed', async ({folder, store}) => {
  writeTree(join(folder, 'app'), tree)
  execFileSync('tar', ['czf', join(folder, 'slug.tgz'), './app'], {cwd: folder})
  const {slug, assumed} = await importArchive(join(folder, 'slug.tgz'), {store, stack: 'heroku-22'})
  expect([...slug.processTypes]).toEqual([
    ['web', 'bin/web'],
    ['worker', 'w'],
  ])
  expect(slug).toMatchObject({stack: 'heroku-22', os: 'any', arch: 'any', libc: 'any'})
  expect(assumed).toEqual(['process types from its Procfile: web, worker', 'stack heroku-22', 'os, arch and libc from its files'])
})

test('other owners, times, modes and order make no other slug', async ({folder, store}) => {
  writeTree(join(folder, 'app'), tree)
  execFileSync('tar', ['cf', join(folder, 'a.tar'), '--owner=root', '--mtime=2001-01-01', './app'], {cwd: folder})
  execFileSync('tar', ['cf', join(folder, 'b.tar'), '--owner=12345', '--mode=g+w', 'link', 'lib', 'empty', 'bin', 'Procfile'], {
    cwd: join(folder, 'app'),
  })
  const ids = []
  for (const name of ['a.tar', 'b.tar']) ids.push((await importArchive(join(folder, name), {store, stack})).slug.id)
  expect(ids[0]).toBe(ids[1])
})

test('without slug.json and Procfile there are no process types', async ({folder, store}) => {
  writeFileSync(join(folder, 'a.tar'), tarBytes([{name: 'app/index.html', content: 'hello'}]))
  await expect(importArchive(join(folder, 'a.tar'), {store, stack})).rejects.toMatchObject({code: 'NO_PROCESS_TYPES', exitCode: 3})
  expectNothing(store)
})

const good = {arch: 'any', libc: 'any', os: 'any', processTypes: {web: 'bin/web'}, stack: 'heroku-24'}

test('a slug.json with blanks in it is as good as ours', async ({folder, store}) => {
  const archive = (json: string) =>
    tarBytes([
      {name: 'app/.homeport/slug.json', content: json},
      {name: 'app/a', content: 'a'},
    ])
  writeFileSync(join(folder, 'a.tar'), archive(JSON.stringify(good, null, 2)))
  writeFileSync(join(folder, 'b.tar'), archive(JSON.stringify(good)))
  const first = await importArchive(join(folder, 'a.tar'), {store, stack})
  expect((await importArchive(join(folder, 'b.tar'), {store, stack})).slug.id).toBe(first.slug.id)
})

test.for<readonly [title: string, json: string, reason: string]>([
  ['no JSON', '{', 'no JSON object'],
  ['a list', '[]', 'no JSON object'],
  ['bytes that are no UTF-8', '\xff', 'no JSON object'],
  ['a key that is missing', JSON.stringify({...good, stack: undefined}), 'stack is missing'],
  ['a key too many', JSON.stringify({...good, more: 1}), '"more" is no key of it'],
  ['an unknown os', JSON.stringify({...good, os: 'plan9'}), 'os is none of any, linux, darwin, freebsd'],
  ['no types', JSON.stringify({...good, processTypes: {}}), 'processTypes is empty'],
  ['types that are no object', JSON.stringify({...good, processTypes: ['web']}), 'processTypes is no object'],
  ['a type with a blank', JSON.stringify({...good, processTypes: {'a b': 'x'}}), '"a b" is no name of a process type'],
  ['a command that is none', JSON.stringify({...good, processTypes: {web: ''}}), 'the command of web is no command'],
  ['a stack that is none', JSON.stringify({...good, stack: '-x'}), 'stack is no name of a stack'],
  [
    'a machine that the files are not for',
    JSON.stringify({...good, os: 'linux', arch: 'x64', libc: 'glibc'}),
    'it says linux x64 glibc, its files are for any any any',
  ],
])('a slug.json is refused that has %s', async ([, json, reason], {folder, store}) => {
  const content = Buffer.from(json, 'latin1')
  writeFileSync(
    join(folder, 'a.tar'),
    tarBytes([
      {name: 'app/.homeport/slug.json', content},
      {name: 'app/Procfile', content: 'web: x\n'},
    ]),
  )
  const error = await importArchive(join(folder, 'a.tar'), {store, stack}).catch(thrown => thrown)
  expect(error).toMatchObject({code: 'ARCHIVE_REFUSED', exitCode: 4})
  expect(error.message).toContain(`a.tar is refused: app/.homeport/slug.json: `)
  expect(error.message).toContain(reason)
  expectNothing(store)
})

test('a slug.json that denies what the files need is refused', async ({folder, store}) => {
  const app = writeTree(join(folder, 'app'), {'.homeport/slug.json': JSON.stringify(good)})
  copyFileSync('/bin/true', join(app, 'true'))
  execFileSync('tar', ['cf', join(folder, 'a.tar'), 'app'], {cwd: folder})
  await expect(importArchive(join(folder, 'a.tar'), {store, stack})).rejects.toThrow('it says any any any, its files are for linux')
  expectNothing(store)
})

test.for([
  ['a link', {name: '.homeport/slug.json', type: '2', target: '../Procfile'}],
  ['a folder', {name: '.homeport/slug.json', type: '5'}],
] as const)('a slug.json that is %s is refused', async ([, member], {folder, store}) => {
  writeFileSync(join(folder, 'a.tar'), tarBytes([{name: 'Procfile', content: 'web: x\n'}, member]))
  await expect(importArchive(join(folder, 'a.tar'), {store, stack})).rejects.toThrow('.homeport/slug.json: it is no file')
  expectNothing(store)
})

test('of a refused archive nothing stays', async ({folder, store}) => {
  writeFileSync(
    join(folder, 'a.tar'),
    tarBytes([
      {name: 'Procfile', content: 'web: x\n'},
      {name: '../evil', content: 'x'},
    ]),
  )
  await expect(importArchive(join(folder, 'a.tar'), {store, stack})).rejects.toMatchObject({code: 'ARCHIVE_REFUSED'})
  expectNothing(store)
})

test('an import that is called off leaves nothing', async ({folder, store}) => {
  const app = writeTree(join(folder, 'app'), {Procfile: 'web: x\n'})
  for (let index = 0; index < 40; index++) writeFileSync(join(app, `f${index}`), Buffer.alloc(500_000, String(index)))
  execFileSync('tar', ['cf', join(folder, 'a.tar'), 'app'], {cwd: folder})
  const cancel = new AbortController()
  const importing = importArchive(join(folder, 'a.tar'), {store, stack, signal: cancel.signal})
  setTimeout(() => cancel.abort(new Error('called off')), 30)
  await expect(importing).rejects.toThrow('called off')
  expectNothing(store)
})

function expectNothing(store: ReturnType<typeof newStore>): void {
  expect(readSlugs(store)).toEqual([])
  const left = readdirSync(store.folder, {recursive: true, encoding: 'utf8'}).filter(name => /^(?:tmp|packs|records)\//.test(name))
  expect(left).toEqual([])
}
