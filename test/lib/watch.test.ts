import {mkdirSync, mkdtempSync, renameSync, rmSync, writeFileSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {test as base, expect} from 'vitest'
import {gitIgnoreRules} from '../../src/lib/git-ignore.ts'
import {type WatchOptions, watchFolder} from '../../src/lib/watch.ts'

const test = base.extend<{folder: string}>({
  // biome-ignore lint/correctness/noEmptyPattern: Vitest asks for a pattern
  folder: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'homeport-watch-'))
    await use(folder)
    rmSync(folder, {recursive: true})
  },
})

async function watching(folder: string, options: Partial<WatchOptions> = {}) {
  const seen: (readonly string[])[] = []
  const watcher = await watchFolder(folder, {isIgnored: () => false, onChange: paths => seen.push(paths), ...options})
  return {seen, [Symbol.asyncDispose]: () => watcher.close(), watcher}
}

test('a saved file is told, and atomic saves and new nested folders too', async ({folder}) => {
  writeFileSync(join(folder, 'web.js'), '1')
  await using watch = await watching(folder)
  writeFileSync(join(folder, 'web.js'), '2')
  await expect.poll(() => watch.seen.flat()).toContain('web.js')
  writeFileSync(join(folder, '.web.js.swp'), '3')
  renameSync(join(folder, '.web.js.swp'), join(folder, 'other.js'))
  await expect.poll(() => watch.seen.flat()).toContain('other.js')
  mkdirSync(join(folder, 'a/b/c'), {recursive: true})
  writeFileSync(join(folder, 'a/b/c/deep.js'), '4')
  await expect.poll(() => watch.seen.flat()).toContain('a/b/c/deep.js')
})

test('many saves in one breath are told at once', async ({folder}) => {
  await using watch = await watching(folder, {quietMs: 100, capMs: 5_000})
  for (let number = 0; number < 50; number++) writeFileSync(join(folder, `f${number}`), 'x')
  await expect.poll(() => watch.seen.flat()).toHaveLength(50)
  expect(watch.seen.length).toBeLessThan(10)
})

test('what is ignored is not told', async ({folder}) => {
  mkdirSync(join(folder, 'tmp'))
  await using watch = await watching(folder, {isIgnored: path => path === 'tmp' || path.startsWith('tmp/')})
  writeFileSync(join(folder, 'tmp/pid'), '1')
  writeFileSync(join(folder, 'seen'), '1')
  await expect.poll(() => watch.seen.flat()).toContain('seen')
  expect(watch.seen.flat()).toEqual(['seen'])
})

test('polling sees a change where no event comes', async ({folder}) => {
  writeFileSync(join(folder, 'web.js'), '1')
  await using watch = await watching(folder, {usePolling: true})
  expect(watch.watcher.isPolling).toBe(true)
  writeFileSync(join(folder, 'web.js'), '22')
  await expect.poll(() => watch.seen.flat(), {timeout: 10_000}).toContain('web.js')
})

test('.gitignore files hold for their folder and below, and a later one may take a path back', ({folder}) => {
  mkdirSync(join(folder, 'packages/web'), {recursive: true})
  writeFileSync(join(folder, '.gitignore'), '*.log\n/build\ncache/\n')
  writeFileSync(join(folder, 'packages/web/.gitignore'), '!keep.log\nlocal\n')
  const isIgnored = gitIgnoreRules(folder)
  const verdicts = [
    'a.log',
    'packages/web/b.log',
    'packages/web/keep.log',
    'build',
    'build/x',
    'packages/build',
    'cache/',
    'cache/x',
    'packages/web/local',
    'web.js',
  ]
  expect(verdicts.filter(isIgnored)).toEqual(['a.log', 'packages/web/b.log', 'build', 'build/x', 'cache/', 'cache/x', 'packages/web/local'])
})
