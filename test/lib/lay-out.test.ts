import {execFileSync, spawn} from 'node:child_process'
import {once} from 'node:events'
import {chmodSync, mkdirSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect} from 'vitest'
import {layOut} from '../../src/lib/lay-out.ts'
import type {TreeFile} from '../../src/lib/packed-tree.ts'
import {test} from '../support/temp-folder.ts'

const files: readonly TreeFile[] = [
  {path: 'bin/tool', isExecutable: true, data: Buffer.from('#!/bin/sh\necho works\n')},
  {path: 'lib/deep/data', isExecutable: false, data: Buffer.from('data')},
]
const name = 'tools-0123456789abcdef'

test('a tree is on disk, for this user alone, and its programs run', ({folder}) => {
  const path = layOut(files, {folders: [join(folder, 'cache')], name})
  expect(path).toBe(join(folder, 'cache', name))
  expect(execFileSync(join(path, 'bin/tool'), {encoding: 'utf8'})).toBe('works\n')
  expect((statSync(join(path, 'lib/deep/data')).mode & 0o777).toString(8)).toBe('600')
})

test('the second time nothing is written', ({folder}) => {
  const path = layOut(files, {folders: [folder], name})
  const before = statSync(path).ino
  expect(layOut(files, {folders: [folder], name})).toBe(path)
  expect(statSync(path).ino).toBe(before)
  expect(readdirSync(folder)).toEqual([name])
})

test.for([
  ['is missing', (path: string) => rmSync(join(path, 'lib/deep/data'))],
  ['was cut off', (path: string) => writeFileSync(join(path, 'lib/deep/data'), 'da')],
  ['lost its run bit', (path: string) => chmodSync(join(path, 'bin/tool'), 0o600)],
  ['is a folder', (path: string) => execFileSync('sh', ['-c', 'rm bin/tool; mkdir bin/tool'], {cwd: path})],
] as const)('a tree of which a file %s is put there anew', ([, damage], {folder}) => {
  const path = layOut(files, {folders: [folder], name})
  damage(path)
  layOut(files, {folders: [folder], name})
  expect(readFileSync(join(path, 'lib/deep/data'), 'utf8')).toBe('data')
  expect(execFileSync(join(path, 'bin/tool'), {encoding: 'utf8'})).toBe('works\n')
  expect(readdirSync(folder)).toEqual([name])
})

test('an unsafe folder is passed over', ({folder}) => {
  const unsafe = join(folder, 'unsafe')
  mkdirSync(unsafe)
  chmodSync(unsafe, 0o777)
  expect(layOut(files, {folders: [unsafe, join(folder, 'safe')], name})).toBe(join(folder, 'safe', name))
  expect(readdirSync(unsafe)).toEqual([])
})

test('a folder where the tree does not work is passed over', ({folder}) => {
  const tryOut = (path: string) => {
    if (path.includes('/first/')) throw new Error('failed to map segment')
  }
  expect(layOut(files, {folders: [join(folder, 'first'), join(folder, 'second')], name, tryOut})).toBe(join(folder, 'second', name))
})

test('when no folder will do, the error says why of each', ({folder}) => {
  writeFileSync(join(folder, 'file'), '')
  expect(() => layOut(files, {folders: [join(folder, 'file'), '/proc/nowhere/x'], name})).toThrow(/is not a folder.*ENOENT/s)
})

test('eight processes at once all get a whole tree', async ({folder}) => {
  const module = fileURLToPath(new URL('../../src/lib/lay-out.ts', import.meta.url))
  const script = `
    const {layOut} = await import(${JSON.stringify(module)})
    const files = Array.from({length: 50}, (_, index) => ({path: 'f/' + index, isExecutable: false, data: Buffer.alloc(1000, index)}))
    process.stdout.write(layOut(files, {folders: [${JSON.stringify(folder)}], name: 'many'}))`
  const children = Array.from({length: 8}, () =>
    spawn(process.execPath, ['--input-type=module', '-e', script], {stdio: ['ignore', 'pipe', 'inherit']}),
  )
  const results = await Promise.all(
    children.map(async child => {
      const [output, [code]] = await Promise.all([child.stdout.toArray(), once(child, 'close')])
      return [code, Buffer.concat(output).toString()]
    }),
  )
  expect(results).toEqual(children.map(() => [0, join(folder, 'many')]))
  expect(readdirSync(folder)).toEqual(['many'])
  expect(readdirSync(join(folder, 'many/f'))).toHaveLength(50)
})
