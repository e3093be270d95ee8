import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {closeSync, existsSync, mkdtempSync, openSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {spawn as spawnInTerminal} from '@lydell/node-pty'
import {expect, onTestFinished, test} from 'vitest'

const script = join(import.meta.dirname, '../support/writer-child.ts')

function startWriter(mode: string, amount: number, stdout: 'pipe' | number = 'pipe') {
  const child = spawn(process.execPath, [script, mode, String(amount)], {stdio: ['ignore', stdout, 'pipe']})
  onTestFinished(() => void child.kill('SIGKILL'))
  let told = ''
  child.stderr?.on('data', data => (told += data))
  return {child, told: () => told, ended: once(child, 'close')}
}

test('a pipe nobody reads congests the writer and leaves the process alive', async () => {
  const {child, told, ended} = startWriter('hold', 0)
  await expect.poll(told).toContain('congested')
  child.kill('SIGTERM')
  expect((await ended)[0]).toBe(5)
})

test('a slow reader gets every byte, and the clock goes on meanwhile', async () => {
  const {child, told, ended} = startWriter('flood', 20_000_000)
  await expect.poll(told).toContain('tick 5')
  let bytes = 0
  child.stdout?.on('data', data => (bytes += data.length))
  expect((await ended)[0]).toBe(0)
  expect(bytes).toBe(20_000_000)
  expect(told()).toContain('flushed')
})

test('a reader that goes away is noticed', async () => {
  const {child, ended} = startWriter('flood', 1e12)
  await once(child.stdout ?? child, 'readable')
  child.stdout?.destroy()
  expect((await ended)[0]).toBe(141)
})

test('a file gets every byte', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'homeport-writer-'))
  onTestFinished(() => rmSync(folder, {recursive: true}))
  const descriptor = openSync(join(folder, 'out'), 'w')
  const {ended} = startWriter('flood', 5_000_000, descriptor)
  closeSync(descriptor)
  expect((await ended)[0]).toBe(0)
  expect(readFileSync(join(folder, 'out')).length).toBe(5_000_000)
})

test('a full disk is told', async () => {
  const descriptor = openSync('/dev/full', 'w')
  const {told, ended} = startWriter('flood', 5_000_000, descriptor)
  closeSync(descriptor)
  expect((await ended)[0]).toBe(141)
  expect(told()).toContain('closed ENOSPC')
})

test('a terminal nobody reads congests the writer and leaves the process alive', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'homeport-writer-'))
  onTestFinished(() => rmSync(folder, {recursive: true}))
  const told = join(folder, 'told')
  const terminal = spawnInTerminal('sh', ['-c', `exec "${process.execPath}" "${script}" hold 2>"${told}"`], {})
  onTestFinished(() => terminal.kill('SIGKILL'))
  terminal.pause()
  const ended = new Promise<number>(resolve => terminal.onExit(({exitCode}) => resolve(exitCode)))
  await expect.poll(() => existsSync(told) && readFileSync(told, 'utf8')).toContain('congested')
  process.kill(terminal.pid, 'SIGTERM')
  await expect.poll(() => isAlive(terminal.pid)).toBe(false)
  terminal.resume()
  expect(await ended).toBe(5)
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
