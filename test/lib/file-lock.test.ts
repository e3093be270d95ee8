import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {readdirSync, statSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {lockFile} from '../../src/lib/file-lock.ts'
import {test} from '../support/temp-folder.ts'

const module = new URL('../../src/lib/file-lock.ts', import.meta.url).href

/** Another process that holds the lock until it is killed. */
async function holder(path: string, mode: 'shared' | 'exclusive') {
  const script = `const {lockFile} = await import(${JSON.stringify(module)})
    globalThis.lock = await lockFile(${JSON.stringify(path)}, {mode: '${mode}', waitMs: 10000})
    console.log(lock === undefined ? 'none' : 'held'); setInterval(() => {}, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', script], {stdio: ['ignore', 'pipe', 'inherit']})
  const [line] = await once(child.stdout, 'data')
  return {
    line: String(line).trim(),
    async kill() {
      child.kill('SIGKILL')
      await once(child, 'close')
    },
  }
}

test.for([
  ['shared', 'shared', true],
  ['shared', 'exclusive', false],
  ['exclusive', 'shared', false],
  ['exclusive', 'exclusive', false],
] as const)('beside a lock that is %s one that is %s can be had: %s', async ([held, wanted, isFree], {folder}) => {
  const path = join(folder, 'lock')
  const other = await holder(path, held)
  try {
    expect(other.line).toBe('held')
    using lock = await lockFile(path, {mode: wanted})
    expect(lock !== undefined).toBe(isFree)
  } finally {
    await other.kill()
  }
})

test('a lock ends with the process that was killed', async ({folder}) => {
  const path = join(folder, 'lock')
  const other = await holder(path, 'exclusive')
  const waiting = lockFile(path, {mode: 'exclusive', waitMs: 10_000})
  await other.kill()
  using lock = await waiting
  expect(lock).toBeDefined()
})

test('locks of one process keep each other out too, and leave one closed file', async ({folder}) => {
  const path = join(folder, 'lock')
  const first = await lockFile(path, {mode: 'exclusive'})
  expect(await lockFile(path, {mode: 'shared'})).toBeUndefined()
  first?.[Symbol.dispose]()
  using second = await lockFile(path, {mode: 'shared'})
  expect(second).toBeDefined()
  expect(readdirSync(folder)).toEqual(['lock'])
  expect(statSync(path).mode & 0o777).toBe(0o600)
})

test('waiting ends with its signal', async ({folder}) => {
  const path = join(folder, 'lock')
  using _lock = await lockFile(path, {mode: 'exclusive'})
  await expect(lockFile(path, {mode: 'shared', waitMs: 60_000, signal: AbortSignal.timeout(50)})).rejects.toThrow(/aborted|timeout/i)
})

test('a file that cannot be made is an error that says so', async ({folder}) => {
  await expect(lockFile(join(folder, 'nowhere/lock'), {mode: 'shared'})).rejects.toThrow('ENOENT')
})
