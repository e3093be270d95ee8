import {chmodSync, existsSync, mkdirSync, readdirSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {callControl} from '../../src/control/client.ts'
import {findRunning, listRunning} from '../../src/control/find-running.ts'
import {ControlServer} from '../../src/control/server.ts'
import {markHeld, writeClaim, writeEntry} from '../../src/engines/registry/claims.ts'
import {lockFolder} from '../../src/engines/registry/folder-lock.ts'
import {runtimeFolder} from '../../src/engines/registry/running-entry.ts'
import {privateFolder} from '../../src/lib/private-folder.ts'
import {placeSocket} from '../../src/lib/socket-path.ts'
import {fakeApp} from '../support/fake-app.ts'
import {processes} from '../support/process-reader.ts'
import {test as base} from '../support/temp-folder.ts'

const test = base.extend('run', async ({folder}, {onCleanup}) => {
  const ends: (() => Promise<void>)[] = []
  onCleanup(async () => {
    for (const end of ends) await end()
  })
  return async (root: string, {name = 'hello', runtimeDir = join(folder, 'run')} = {}) => {
    const app = fakeApp(folder, {name, root})
    const lock = await lockFolder(root, {runtimeDir, processes})
    const socket = placeSocket(lock.socketPath, [join(folder, 'short')])
    const server = new ControlServer([app])
    await server.listen(socket)
    lock.announce({name, socket, url: 'http://localhost:5006', startedAt: app.control.startedAt})
    const end = async () => {
      await server.close()
      lock.release()
    }
    ends.push(end)
    return {end, server, lock, socket}
  }
})

test('nothing runs: says how to start, and makes nothing', async ({folder}) => {
  const settings = {runtimeDir: join(folder, 'run')}
  await expect(findRunning({root: '/src/hello', settings})).rejects.toMatchObject({
    code: 'NOTHING_RUNNING',
    exitCode: 5,
    hint: expect.stringContaining('homeport start'),
  })
  await expect(findRunning({root: '/', app: 'hello', settings})).rejects.toMatchObject({code: 'APP_NOT_RUNNING', exitCode: 5})
  expect(await listRunning(settings)).toEqual([])
  expect(existsSync(settings.runtimeDir)).toBe(false)
})

test('the app of a folder is found there, and by its name from anywhere', async ({folder, run}) => {
  await run('/src/hello')
  await run('/src/other', {name: 'other'})
  const settings = {runtimeDir: join(folder, 'run')}
  const found = await findRunning({root: '/src/hello', settings})
  expect(found).toMatchObject({name: 'hello', root: '/src/hello', pid: process.pid, url: 'http://localhost:5006'})
  expect(await findRunning({root: '/elsewhere', app: 'hello', settings})).toEqual(found)
  expect(await callControl(found, {path: '/homeport/apps'})).toMatchObject([{app: 'hello', ready: true}])
  await expect(findRunning({root: '/src', settings})).rejects.toMatchObject({code: 'NOTHING_RUNNING'})
})

test('two checkouts with one name are both listed, and a name alone is not enough', async ({folder, run}) => {
  await run('/b/hello')
  await run('/a/hello')
  const settings = {runtimeDir: join(folder, 'run')}
  expect((await listRunning(settings)).map(({root}) => root)).toEqual(['/a/hello', '/b/hello'])
  await expect(findRunning({root: '/x', app: 'hello', settings})).rejects.toMatchObject({
    code: 'USAGE',
    exitCode: 2,
    message: expect.stringMatching(/\/a\/hello and \/b\/hello/),
    hint: expect.stringContaining('--root'),
  })
  expect(await findRunning({root: '/b/hello', settings})).toMatchObject({root: '/b/hello'})
})

test('what a killed process left is passed over, and the next start of any app clears it away', async ({folder, run}) => {
  const settings = {runtimeDir: join(folder, 'run')}
  const dead = {pid: process.pid, startTime: '1', realm: processes.realm}
  const killed = privateFolder(runtimeFolder(settings.runtimeDir, '/src/killed'))
  const id = writeClaim(killed, dead)
  markHeld(killed, id)
  writeEntry(killed, id, {...dead, name: 'killed', root: '/src/killed', socket: join(killed, `${id}.sock`), startedAt: ''})
  expect(await listRunning(settings)).toEqual([])
  await expect(findRunning({root: '/src/killed', settings})).rejects.toMatchObject({code: 'NOTHING_RUNNING'})
  await run('/src/alive')
  expect((await listRunning(settings)).map(({root}) => root)).toEqual(['/src/alive'])
  await expect.poll(() => existsSync(killed)).toBe(false)
})

test('a folder with a long path still has a socket', async ({folder, run}) => {
  const runtimeDir = join(folder, 'x'.repeat(200))
  const {lock, socket, end} = await run('/src/hello', {runtimeDir})
  expect(socket.startsWith(join(folder, 'short'))).toBe(true)
  const found = await findRunning({root: '/src/hello', settings: {runtimeDir}})
  expect(await callControl(found, {path: '/homeport/apps'})).toHaveLength(1)
  await end()
  expect(existsSync(lock.folder)).toBe(false)
  expect(readdirSync(join(folder, 'short'))).toEqual([])
})

test('a folder into which others may write is not trusted', async ({folder}) => {
  const runtimeDir = join(folder, 'run')
  mkdirSync(runtimeDir)
  chmodSync(runtimeDir, 0o777)
  await expect(listRunning({runtimeDir})).rejects.toThrow('can be written by other users')
})
