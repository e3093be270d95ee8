import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {homeport} from '../support/homeport.ts'
import {test} from '../support/temp-folder.ts'

test('shows what a dyno sees and from where, masked', async ({folder}) => {
  writeFileSync(join(folder, '.env'), '# x\nTOKEN=geheim\nSHELL_TOO=1\n')
  const {code, stdout, stderr} = await homeport(['env'], {
    cwd: folder,
    env: {SHELL_TOO: 'geheim', ONLY_SHELL: 'geheim', HOMEPORT_PORT: '7000'},
  })
  expect([code, stderr]).toEqual([0, ''])
  expect(stdout).toMatch(/^TOKEN=\*{8} +\.env:2$/m)
  expect(stdout).toMatch(/^SHELL_TOO=\*{8} +\.env:3, over the shell$/m)
  expect(stdout).toMatch(/^ONLY_SHELL=\*{8} +the shell$/m)
  expect(stdout).toMatch(/^PORT=\(given at the start\) +Homeport$/m)
  expect(stdout).not.toMatch(/geheim|HOMEPORT_PORT/)
})

test('one variable as a document, its value with --show only', async ({folder}) => {
  writeFileSync(join(folder, '.env'), 'TOKEN=geheim\n')
  const show = async (...flags: string[]) => JSON.parse((await homeport(['env', 'TOKEN', '--json', ...flags], {cwd: folder})).stdout)
  expect(await show()).toEqual({TOKEN: {value: null, source: 'file', file: '.env', line: 1}})
  expect(await show('--show')).toEqual({TOKEN: {value: 'geheim', source: 'file', file: '.env', line: 1}})
})

test('reads the files that start would read: -e, HOMEPORT_ENV, .homeport.env, in that order', async ({folder}) => {
  for (const name of ['.env', 'a.env', 'b.env', 'c.env']) writeFileSync(join(folder, name), `FROM=${name}\n`)
  const from = async (argv: readonly string[], env = {}) =>
    JSON.parse((await homeport(['env', 'FROM', '--json', ...argv], {cwd: folder, env})).stdout).FROM.file
  expect(await from([])).toBe('.env')
  writeFileSync(join(folder, '.homeport.env'), 'HOMEPORT_ENV=.env,a.env\nHOMEPORT_SHOW=1\n')
  expect(await from([])).toBe('a.env')
  expect(await from([], {HOMEPORT_ENV: 'b.env'})).toBe('b.env')
  expect(await from(['-e', 'b.env', '-e', 'c.env'], {HOMEPORT_ENV: 'a.env'})).toBe('c.env')
  const {stdout} = await homeport(['env', 'FROM'], {cwd: folder})
  expect(stdout).toBe('FROM=********  a.env:1, over .env:1\n')
})

test('what is wrong with a file: a warning, or exit 3 with its place', async ({folder}) => {
  writeFileSync(join(folder, '.env'), 'A=1\noops\n')
  const warned = await homeport(['env', 'A'], {cwd: folder})
  expect([warned.code, warned.stdout]).toEqual([0, 'A=********  .env:1\n'])
  expect(warned.stderr).toContain('Warning: .env:2:1: This line sets no variable.')
  writeFileSync(join(folder, '.env'), 'A="abc\n')
  const stopped = await homeport(['env'], {cwd: folder})
  expect([stopped.code, stopped.stdout]).toEqual([3, ''])
  expect(stopped.stderr).toContain('.env:1:3')
})

test.for<[argv: readonly string[], code: number, text: string]>([
  [['env', 'NOPE'], 2, 'NOPE is not set.'],
  [['env', '-e', 'nope.env'], 3, 'There is no file nope.env'],
  [['env', '-e', 'folder.env'], 3, 'folder.env is a folder, not a file.'],
])('%j', async ([argv, code, text], {folder}) => {
  mkdirSync(join(folder, 'folder.env'))
  const result = await homeport(argv, {cwd: folder})
  expect([result.code, result.stdout]).toEqual([code, ''])
  expect(result.stderr).toContain(text)
})
