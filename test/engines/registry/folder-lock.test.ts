import {type ChildProcess, spawn} from 'node:child_process'
import {existsSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect} from 'vitest'
import {markHeld, writeClaim, writeEntry} from '../../../src/engines/registry/claims.ts'
import {type FolderLock, lockFolder} from '../../../src/engines/registry/folder-lock.ts'
import {readEntries, runtimeFolder} from '../../../src/engines/registry/running-entry.ts'
import {privateFolder} from '../../../src/lib/private-folder.ts'
import {HomeportError} from '../../../src/model/error.ts'
import {processes} from '../../support/process-reader.ts'
import {test as base} from '../../support/temp-folder.ts'

const root = '/src/hello'
const childFile = fileURLToPath(new URL('../../support/lock-child.ts', import.meta.url))

type Contestant = {readonly process: ChildProcess; readonly said: Promise<string>}

const test = base.extend('contestants', async ({folder}, {onCleanup}) => {
  const started: ChildProcess[] = []
  onCleanup(async () => {
    for (const child of started) if (child.exitCode === null && child.signalCode === null) child.kill('SIGKILL')
  })
  return (count: number): readonly Contestant[] =>
    Array.from({length: count}, () => {
      const child = spawn(process.execPath, [childFile, folder, root], {stdio: ['pipe', 'pipe', 'inherit']})
      started.push(child)
      return {process: child, said: new Promise<string>(resolve => child.stdout?.once('data', chunk => resolve(String(chunk))))}
    })
})

async function ended({process: child}: Contestant): Promise<void> {
  if (child.exitCode === null && child.signalCode === null) await new Promise(resolve => child.once('exit', resolve))
}

async function attempt(runtimeDir: string): Promise<FolderLock | HomeportError> {
  return lockFolder(root, {runtimeDir, processes}).catch(error => error)
}

test('the first gets a private folder, the second is told who runs there and where', async ({folder}) => {
  using lock = await lockFolder(root, {runtimeDir: folder, processes})
  expect(statSync(lock.folder).mode & 0o777).toBe(0o700)
  const early = await attempt(folder)
  expect(early).toMatchObject({code: 'ALREADY_RUNNING', exitCode: 5, message: expect.stringContaining(`pid ${process.pid})`)})
  lock.announce({name: 'hello', socket: lock.socketPath, url: 'http://localhost:5006', startedAt: '2026-11-25T00:00:00Z'})
  const late = await attempt(folder)
  expect(late).toMatchObject({
    message: expect.stringContaining(`(pid ${process.pid}, http://localhost:5006)`),
    hint: expect.stringContaining('homeport stop'),
  })
  expect(readEntries(folder)).toMatchObject([{folder: lock.folder, entry: {name: 'hello', root, pid: process.pid}}])
})

test('a released lock leaves nothing, and can be taken again', async ({folder}) => {
  for (let round = 0; round < 3; round++) {
    const lock = await lockFolder(root, {runtimeDir: folder, processes})
    lock.announce({name: 'hello', socket: lock.socketPath, startedAt: ''})
    lock.release()
    expect(existsSync(lock.folder)).toBe(false)
  }
})

test('two folders do not mind each other', async ({folder}) => {
  using one = await lockFolder('/a', {runtimeDir: folder, processes})
  using other = await lockFolder('/b', {runtimeDir: folder, processes})
  expect(one.folder).not.toBe(other.folder)
})

test('of 20 processes that start at once exactly one wins, also over what a killed one left', {timeout: 120_000}, async ({
  folder,
  contestants,
}) => {
  for (let round = 0; round < 2; round++) {
    const all = contestants(20)
    const said = await Promise.all(all.map(contestant => contestant.said))
    expect(said.filter(text => text === 'locked\n')).toHaveLength(1)
    const winner = all[said.indexOf('locked\n')]
    for (const text of said)
      if (text !== 'locked\n') expect(text).toContain(`ALREADY_RUNNING An app already runs in ${root} (pid ${winner?.process.pid})`)
    await Promise.all(all.filter(contestant => contestant !== winner).map(ended))
    winner?.process.kill('SIGKILL')
    if (winner !== undefined) await ended(winner)
    expect(readdirSync(runtimeFolder(folder, root))).toHaveLength(2)
  }
})

test('never do two hold it while many take and release it', {timeout: 120_000}, async ({folder}) => {
  let holders = 0
  let most = 0
  let taken = 0
  const worker = async () => {
    for (let round = 0; round < 20; round++) {
      const lock = await attempt(folder)
      if (lock instanceof HomeportError) continue
      holders++
      most = Math.max(most, holders)
      taken++
      await new Promise(resolve => setImmediate(resolve))
      holders--
      lock.release()
    }
  }
  await Promise.all(Array.from({length: 20}, worker))
  expect(most).toBe(1)
  expect(taken).toBeGreaterThan(5)
})

test('a pid that another process has by now does not count, and what belonged to it goes', async ({folder}) => {
  const claimed = privateFolder(runtimeFolder(folder, root))
  const dead = {pid: process.pid, startTime: '1', realm: processes.realm}
  const id = writeClaim(claimed, dead)
  writeEntry(claimed, id, {...dead, name: 'hello', root, socket: join(claimed, `${id}.sock`), startedAt: ''})
  writeFileSync(join(claimed, `${id}.sock`), '')
  using lock = await lockFolder(root, {runtimeDir: folder, processes})
  expect(readdirSync(lock.folder).filter(name => name.startsWith(id))).toEqual([])
})

test('a process that cannot be seen, in another container, counts as long as its socket answers', async ({folder}) => {
  const claimed = privateFolder(runtimeFolder(folder, root))
  const other = {pid: 1, startTime: '1', realm: 'another'}
  const id = writeClaim(claimed, other)
  const socket = join(claimed, `${id}.sock`)
  writeEntry(claimed, id, {...other, name: 'hello', root, socket, url: 'http://localhost:1', startedAt: ''})
  markHeld(claimed, id)
  const server = createServer()
  await new Promise<void>(resolve => server.listen(socket, resolve))
  expect(await attempt(folder)).toMatchObject({code: 'ALREADY_RUNNING', message: expect.stringContaining('http://localhost:1')})
  await new Promise(resolve => server.close(resolve))
  const lock = await attempt(folder)
  expect(lock).not.toBeInstanceOf(HomeportError)
  ;(lock as FolderLock).release()
})
