import {mkdirSync, symlinkSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {expect} from 'vitest'
import type {Settings} from '../../src/model/settings.ts'
import {doctor} from '../../src/platform/doctor.ts'
import {homeport} from '../support/homeport.ts'
import {isRoot} from '../support/isolation.ts'
import {test} from '../support/temp-folder.ts'

function settingsIn(folder: string, PATH = process.env['PATH'] ?? ''): Settings {
  const folders = {stateDir: join(folder, 'state'), cacheDir: join(folder, 'cache'), runtimeDir: join(folder, 'run'), shortRuntimeDirs: []}
  return {...folders, timeScale: 1, debug: false, self: [], shellEnv: {PATH}}
}

const names = [
  ...['node', 'shell', 'git', 'isolation sandbox', 'isolation own-uid', 'isolation process'],
  ...['memory limits', 'ports', 'watcher', 'disk', 'pool', 'store'],
]

test('a machine with everything is well, and each check says what it found', async ({folder}) => {
  const report = await doctor({root: folder, settings: settingsIn(folder), nodeVersion: '24.21.0'})
  expect(report.checks.map(({name}) => name)).toEqual(names)
  expect(report.ok).toBe(true)
  expect(report.isolation).toMatchObject({tier: 'sandbox', network: 'shared with this machine', files: expect.stringContaining('/app')})
  expect(report.checks.filter(({status}) => status === 'failed')).toEqual([])
  expect(report.checks.filter(({name, detail}) => name.startsWith('isolation') && detail === '')).toEqual([])
})

test('what is missing is named with what mends it, and is no failure', async ({folder}) => {
  const programs = join(folder, 'programs')
  mkdirSync(programs)
  for (const name of ['sh', 'bash']) symlinkSync(`/bin/${name}`, join(programs, name))
  const {ok, checks, isolation} = await doctor({root: folder, settings: settingsIn(folder, programs), nodeVersion: '24'})
  expect([ok, isolation.tier]).toEqual([true, 'process'])
  const found = Object.fromEntries(checks.map(({name, status, fix}) => [name, [status, fix]]))
  expect(found['git']).toEqual(['warning', 'install git'])
  expect(found['isolation sandbox']).toEqual(['warning', expect.stringContaining('bubblewrap')])
  expect(found['isolation own-uid']).toEqual(['warning', isRoot ? expect.stringContaining('util-linux') : expect.stringContaining('sudo')])
  expect(found['isolation process']).toEqual(['ok', undefined])
  expect(found['pool']).toEqual(['warning', 'install OpenSSH'])
  expect(checks.find(({name}) => name === 'pool')?.detail).toMatch(/lacks ssh and session-manager-plugin; .*never against real AWS/)
})

test('a weaker tier that is missing is no complaint where a stronger one works', async ({folder}) => {
  const report = await doctor({root: folder, settings: settingsIn(folder), nodeVersion: '24'})
  expect(report.checks.filter(({name, status}) => name.startsWith('isolation') && status !== 'ok')).toEqual([])
})

test('a state folder that is not ours alone is a failure, and nothing is tried in it', async ({folder}) => {
  mkdirSync(join(folder, 'elsewhere'))
  symlinkSync('elsewhere', join(folder, 'state'))
  const report = await doctor({root: folder, settings: settingsIn(folder), nodeVersion: '24'})
  expect(report.ok).toBe(false)
  expect(report.checks.at(-1)).toMatchObject({
    name: 'store',
    status: 'failed',
    detail: expect.stringContaining('is a link'),
    fix: expect.stringContaining('HOMEPORT_HOME'),
  })
  expect(report.checks.map(({name}) => name)).not.toContain('isolation sandbox')
})

test('the program prints one line each, and the document of --json', async ({folder}) => {
  const server = createServer()
  await new Promise<void>(resolve => server.once('error', () => resolve()).listen(5006, '127.0.0.1', resolve))
  const env = {HOMEPORT_HOME: join(folder, 'home')}
  mkdirSync(env.HOMEPORT_HOME, {mode: 0o700})
  const text = await homeport(['doctor'], {env, cwd: folder})
  const json = await homeport(['doctor', '--json'], {env, cwd: folder})
  server.close()
  expect([text.code, text.stderr, json.code]).toEqual([0, '', 0])
  for (const name of names) expect(text.stdout).toMatch(new RegExp(`^[✓!] ${name} +\\S`, 'm'))
  const report = JSON.parse(json.stdout) as {readonly checks: readonly {readonly name: string; readonly detail: string}[]}
  expect(Object.keys(report)).toEqual(['ok', 'isolation', 'checks'])
  expect(report.checks.map(({name}) => name)).toEqual(names)
  expect(report.checks.find(({name}) => name === 'ports')?.detail).toContain('5006 is taken')
})

test('where `start` cannot work the exit code is 5', async ({folder}) => {
  const env = {HOMEPORT_HOME: join(folder, 'home')}
  mkdirSync(env.HOMEPORT_HOME, {mode: 0o700})
  symlinkSync(folder, join(env.HOMEPORT_HOME, 'state'))
  const {code, stdout} = await homeport(['doctor'], {env, cwd: folder})
  expect([code, stdout]).toEqual([5, expect.stringContaining('✗ store')])
})
