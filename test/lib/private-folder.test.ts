import {chmodSync, chownSync, existsSync, mkdirSync, statSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {checkPrivateFolder, privateFolder, UnsafeFolderError} from '../../src/lib/private-folder.ts'
import {test} from '../support/temp-folder.ts'

const mode = (path: string) => (statSync(path).mode & 0o777).toString(8)

test('a folder is made with its parents, for this user alone', ({folder}) => {
  const path = privateFolder(join(folder, 'a/b/c'))
  expect(path).toBe(join(folder, 'a/b/c'))
  expect([mode(join(folder, 'a')), mode(path)]).toEqual(['700', '700'])
  expect(privateFolder(path)).toBe(path)
})

test('a folder that others may read is closed to them', ({folder}) => {
  mkdirSync(join(folder, 'open'), {mode: 0o755})
  expect(mode(privateFolder(join(folder, 'open')))).toBe('700')
})

test('a folder that others may write is refused, and stays as it is', ({folder}) => {
  const path = join(folder, 'shared')
  mkdirSync(path)
  for (const open of [0o777, 0o720, 0o1777]) {
    chmodSync(path, open)
    expect(() => privateFolder(path)).toThrow(UnsafeFolderError)
  }
  expect(mode(path)).toBe('777')
})

test('a path at which there can be no folder is refused', ({folder}) => {
  writeFileSync(join(folder, 'file'), '')
  expect(() => privateFolder(join(folder, 'file/home/run'))).toThrow(UnsafeFolderError)
  expect(() => checkPrivateFolder(join(folder, 'file/home'))).toThrow('cannot be made (ENOTDIR).')
  expect(() => privateFolder(join(folder, 'x'.repeat(300)))).toThrow('cannot be made (ENAMETOOLONG).')
})

test('a link is refused, to a good folder too', ({folder}) => {
  mkdirSync(join(folder, 'real'), {mode: 0o700})
  symlinkSync(join(folder, 'real'), join(folder, 'link'))
  symlinkSync(join(folder, 'nowhere'), join(folder, 'dangling'))
  expect(() => privateFolder(join(folder, 'link'))).toThrow('is a link')
  expect(() => privateFolder(join(folder, 'dangling'))).toThrow('is a link')
  expect(existsSync(join(folder, 'nowhere'))).toBe(false)
})

test('a file is refused', ({folder}) => {
  writeFileSync(join(folder, 'file'), '')
  expect(() => privateFolder(join(folder, 'file'))).toThrow('is not a folder')
})

test.runIf(process.getuid?.() === 0)('a folder of another user is refused', ({folder}) => {
  mkdirSync(join(folder, 'theirs'), {mode: 0o700})
  chownSync(join(folder, 'theirs'), 12345, 12345)
  expect(() => privateFolder(join(folder, 'theirs'))).toThrow('belongs to another user (uid 12345)')
})

test('what is not there is neither refused nor made by a check', ({folder}) => {
  expect(checkPrivateFolder(join(folder, 'new'))).toBeUndefined()
  expect(existsSync(join(folder, 'new'))).toBe(false)
})

test.runIf(process.platform === 'linux')('a folder that cannot be made ends in an error, not in a loop', () => {
  expect(() => privateFolder('/proc/nowhere/homeport')).toThrow(/ENOENT|EACCES/)
})
