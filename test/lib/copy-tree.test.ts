import {
  chmodSync,
  existsSync,
  lstatSync,
  mkdirSync,
  readFileSync,
  readlinkSync,
  renameSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {copyTree, giveTree} from '../../src/lib/copy-tree.ts'
import {removeTree} from '../../src/lib/remove-tree.ts'
import {test} from '../support/temp-folder.ts'

const isRoot = process.geteuid?.() === 0

test('copies files, folders, links, modes and times', async ({folder}) => {
  const from = join(folder, 'from')
  mkdirSync(join(from, 'bin/deep'), {recursive: true})
  writeFileSync(join(from, 'bin/deep/run'), '#!/bin/sh\n')
  chmodSync(join(from, 'bin/deep/run'), 0o755)
  utimesSync(join(from, 'bin/deep/run'), 1_000, 2_000)
  symlinkSync('bin/deep', join(from, 'link'))
  symlinkSync('/nowhere', join(from, 'dangling'))
  for (let index = 0; index < 20; index++) writeFileSync(join(from, `file-${index}`), String(index))
  chmodSync(join(from, 'bin'), 0o750)
  await copyTree(from, join(folder, 'to'))
  const copy = (path: string) => join(folder, 'to', path)
  expect(readFileSync(copy('bin/deep/run'), 'utf8')).toBe('#!/bin/sh\n')
  expect(statSync(copy('bin/deep/run')).mode & 0o777).toBe(0o755)
  expect(statSync(copy('bin/deep/run')).mtimeMs).toBe(2_000_000)
  expect(statSync(copy('bin')).mode & 0o777).toBe(0o750)
  expect([readlinkSync(copy('link')), readlinkSync(copy('dangling'))]).toEqual(['bin/deep', '/nowhere'])
  expect(readFileSync(copy('file-19'), 'utf8')).toBe('19')
})

test('names and links that are no UTF-8 are copied, given and removed as they are', async ({folder}) => {
  const bytes = (path: string) => Buffer.concat([Buffer.from(`${folder}/`), Buffer.from(path, 'latin1')])
  mkdirSync(bytes('fr\xffm/d\xfe'), {recursive: true})
  writeFileSync(bytes('fr\xffm/d\xfe/f\xfd'), 'text')
  symlinkSync(Buffer.from('d\xfe', 'latin1'), bytes('fr\xffm/link'))
  mkdirSync(join(folder, 'from'))
  renameSync(bytes('fr\xffm'), bytes('from/sub'))
  await copyTree(join(folder, 'from'), join(folder, 'to'))
  await giveTree(join(folder, 'to'), {uid: process.geteuid?.() ?? 0, gid: process.getegid?.() ?? 0})
  expect(readFileSync(bytes('to/sub/link/f\xfd'), 'utf8')).toBe('text')
  chmodSync(bytes('to/sub/d\xfe'), 0)
  await removeTree(join(folder, 'to'))
  expect(existsSync(join(folder, 'to'))).toBe(false)
})

test('a copy is no second name of the same file', async ({folder}) => {
  mkdirSync(join(folder, 'from'))
  writeFileSync(join(folder, 'from/a'), 'old')
  await copyTree(join(folder, 'from'), join(folder, 'to'))
  writeFileSync(join(folder, 'to/a'), 'new')
  expect(readFileSync(join(folder, 'from/a'), 'utf8')).toBe('old')
})

test('a folder that is there already is not written into', async ({folder}) => {
  mkdirSync(join(folder, 'from'))
  mkdirSync(join(folder, 'to'))
  await expect(copyTree(join(folder, 'from'), join(folder, 'to'))).rejects.toMatchObject({code: 'EEXIST'})
})

if (isRoot)
  test('root gives copies and trees to another owner, links themselves and not what they lead to', async ({folder}) => {
    mkdirSync(join(folder, 'from/sub'), {recursive: true})
    writeFileSync(join(folder, 'kept'), '')
    symlinkSync(join(folder, 'kept'), join(folder, 'from/link'))
    await copyTree(join(folder, 'from'), join(folder, 'to'), {owner: {uid: 60_600, gid: 60_601}})
    for (const path of ['to', 'to/sub', 'to/link']) expect([path, lstatSync(join(folder, path)).uid]).toEqual([path, 60_600])
    await giveTree(join(folder, 'from'), {uid: 60_602, gid: 60_602})
    expect([lstatSync(join(folder, 'from/link')).uid, statSync(join(folder, 'kept')).uid]).toEqual([60_602, 0])
  })

test('removes a tree whose folders are locked, and follows no link out of it', async ({folder}) => {
  mkdirSync(join(folder, 'tree/work/work'), {recursive: true})
  mkdirSync(join(folder, 'outside'))
  writeFileSync(join(folder, 'outside/kept'), '')
  symlinkSync(join(folder, 'outside'), join(folder, 'tree/link'))
  writeFileSync(join(folder, 'tree/work/work/a'), '')
  chmodSync(join(folder, 'tree/work/work'), 0)
  await removeTree(join(folder, 'tree'))
  expect(statSync(join(folder, 'tree'), {throwIfNoEntry: false})).toBeUndefined()
  expect(statSync(join(folder, 'outside/kept')).isFile()).toBe(true)
  await removeTree(join(folder, 'tree'))
})
