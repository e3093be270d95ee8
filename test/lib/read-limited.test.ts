import {spawn, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {truncateSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {readLimited} from '../../src/lib/read-limited.ts'
import {test} from '../support/temp-folder.ts'

test.for([0, 1, 99, 100])('a file of %i bytes is read whole when 100 are allowed', (size, {folder}) => {
  const file = join(folder, 'f')
  writeFileSync(file, Buffer.alloc(size, 'x'))
  expect(readLimited(file, 100)?.toString()).toBe('x'.repeat(size))
})

test('a larger file is not read', ({folder}) => {
  const file = join(folder, 'f')
  writeFileSync(file, Buffer.alloc(101))
  expect(readLimited(file, 100)).toBeUndefined()
})

test('a file of a terabyte costs neither time nor memory', ({folder}) => {
  const file = join(folder, 'f')
  writeFileSync(file, '')
  truncateSync(file, 2 ** 40)
  expect(readLimited(file, 100)).toBeUndefined()
})

test('an endless device is given up', () => {
  expect(readLimited('/dev/zero', 100_000)).toBeUndefined()
  expect(readLimited('/dev/null', 100)?.length).toBe(0)
})

test('a folder and a missing file are errors of Node', ({folder}) => {
  expect(() => readLimited(folder, 100)).toThrow(expect.objectContaining({code: 'EISDIR'}))
  expect(() => readLimited(join(folder, 'no'), 100)).toThrow(expect.objectContaining({code: 'ENOENT'}))
})

test('a pipe is read until its writer closes it, also when it writes late', async ({folder}) => {
  const pipe = join(folder, 'pipe')
  spawnSync('mkfifo', [pipe])
  const writer = spawn('/bin/sh', ['-c', 'exec 3<>"$0"; echo ready; sleep 0.1; echo A=1 >&3; sleep 0.1; echo B=2 >&3', pipe], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  await once(writer.stdout, 'data')
  expect(readLimited(pipe, 100)?.toString()).toBe('A=1\nB=2\n')
  await once(writer, 'close')
})

test('a pipe without a writer is empty, one whose writer is silent is given up', async ({folder}) => {
  const pipe = join(folder, 'pipe')
  spawnSync('mkfifo', [pipe])
  expect(readLimited(pipe, 100)?.length).toBe(0)
  const writer = spawn('/bin/sh', ['-c', 'exec 3<>"$0"; echo ready; read line', pipe], {stdio: ['pipe', 'pipe', 'inherit']})
  await once(writer.stdout, 'data')
  expect(() => readLimited(pipe, 100, 50)).toThrow(expect.objectContaining({code: 'EAGAIN'}))
  writer.stdin.end()
  await once(writer, 'close')
})
