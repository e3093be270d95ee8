import {execFileSync} from 'node:child_process'
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {byteName} from '../../src/lib/file-name.ts'
import {type TarEntry, tarHeader, tarPadding} from '../../src/lib/tar-header.ts'
import {TarReader} from '../../src/lib/tar-reader.ts'
import {readTree} from '../support/file-tree.ts'
import {test} from '../support/temp-folder.ts'

const owner = {uid: 1000, gid: 1000, mtimeSeconds: 315_532_801}
const entry = (more: Partial<TarEntry>): TarEntry => ({name: 'a', kind: 'file', mode: 0o644, sizeBytes: 0, ...more})
const header = (more: Partial<TarEntry>) => tarHeader(entry(more), owner, 'PaxHeader')

const entries: readonly Partial<TarEntry>[] = [
  {name: 'a', sizeBytes: 3},
  {name: 'run', mode: 0o755},
  {name: 'folder/', kind: 'folder', mode: 0o755},
  {name: 'link', kind: 'link', target: 'a'},
  {name: 'n'.repeat(100)},
  {name: 'n'.repeat(101)},
  {name: `${'p'.repeat(155)}/${'n'.repeat(100)}`},
  {name: `${'p'.repeat(156)}/${'n'.repeat(100)}`},
  {name: `${'p'.repeat(100)}/${'n'.repeat(101)}`},
  {name: `${'d/'.repeat(120)}`, kind: 'folder'},
  {name: `${'x'.repeat(99)}/y/`, kind: 'folder'},
  {name: byteName('ünïcode')},
  {name: byteName(`${'ü'.repeat(120)}`)},
  {name: '\xff\xfe not utf-8'},
  {name: `\xff${'long/'.repeat(60)}`, kind: 'folder'},
  {name: 'link-long', kind: 'link', target: 't'.repeat(101)},
  {name: 'link-text', kind: 'link', target: byteName('zïel')},
  {name: 'huge', sizeBytes: 8 ** 11},
]

test.for(entries)('%j is read as it was written', more => {
  const read: unknown[] = []
  const reader = new TarReader({member: member => read.push(member), data: () => {}, memberEnd: () => {}})
  reader.write(header(more))
  const {name, kind, mode, sizeBytes, target = ''} = entry(more)
  expect(read).toEqual([{name, kind, mode, sizeBytes, target, typeFlag: {file: '0', folder: '5', link: '2'}[kind]}])
})

test('a header that ustar can say is one block, and has no time or name of anybody', () => {
  const block = header({name: 'a/b', sizeBytes: 7})
  expect(block.length).toBe(512)
  expect(Number.parseInt(block.toString('latin1', 136, 147), 8)).toBe(Date.UTC(1980, 0, 1, 0, 0, 1) / 1000)
  expect(block.subarray(265, 329).every(byte => byte === 0)).toBe(true)
})

test('GNU tar reads all of them', ({folder}) => {
  const small = entries.filter(({name, sizeBytes}) => sizeBytes === undefined && !name?.includes('\xff'))
  writeFileSync(join(folder, 'a.tar'), Buffer.concat([...small.map(header), Buffer.alloc(1024)]))
  mkdirSync(join(folder, 'out'))
  execFileSync('tar', ['xf', join(folder, 'a.tar'), '-C', join(folder, 'out')])
  const text = (name = '') => Buffer.from(name, 'latin1').toString()
  const found = readTree(join(folder, 'out'), {withFolders: true})
  for (const {name, kind, target} of small) {
    const path = text(name).replace(/\/$/, '')
    const expected = kind === 'folder' ? '/' : kind === 'link' ? `-> ${text(target)}` : ''
    expect([path, found[path] ?? found[`${path}*`]]).toEqual([path, expected])
  }
})

test.for([
  [0, 0],
  [1, 511],
  [511, 1],
  [512, 0],
  [513, 511],
] as const)('%i bytes are followed by %i', ([bytes, padding]) => {
  expect(tarPadding(bytes)).toBe(padding)
})
