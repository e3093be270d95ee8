import {chmodSync, mkdirSync, readFileSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {FileCopier} from '../../src/lib/file-copier.ts'
import {test} from '../support/temp-folder.ts'

test.for([0, 1, 256 * 1024 - 1, 256 * 1024, 1_000_000])(
  'a file of %i bytes is copied with the mode that is asked for',
  (bytes, {folder}) => {
    const [from, to] = [join(folder, 'from'), join(folder, 'to')]
    const content = Buffer.alloc(bytes, 'content ')
    writeFileSync(from, content)
    chmodSync(from, 0o700)
    const umask = process.umask(0o077)
    try {
      expect(new FileCopier().copy(from, to, mode => ((mode & 0o100) === 0 ? 0o644 : 0o755))).toBe(true)
    } finally {
      process.umask(umask)
    }
    expect(readFileSync(to).equals(content)).toBe(true)
    expect(statSync(to).mode & 0o777).toBe(0o755)
  },
)

test('nothing is replaced, no link is followed, and a folder is no file', ({folder}) => {
  writeFileSync(join(folder, 'a'), 'a')
  writeFileSync(join(folder, 'b'), 'b')
  symlinkSync('a', join(folder, 'link'))
  mkdirSync(join(folder, 'd'))
  const copier = new FileCopier()
  expect(() => copier.copy(join(folder, 'a'), join(folder, 'b'), mode => mode)).toThrow('EEXIST')
  expect(readFileSync(join(folder, 'b'), 'utf8')).toBe('b')
  expect(() => copier.copy(join(folder, 'link'), join(folder, 'c'), mode => mode)).toThrow('ELOOP')
  expect(copier.copy(join(folder, 'd'), join(folder, 'c'), mode => mode)).toBe(false)
})
