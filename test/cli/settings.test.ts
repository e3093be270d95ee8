import {chmodSync, existsSync, mkdirSync, symlinkSync} from 'node:fs'
import {tmpdir, userInfo} from 'node:os'
import {join} from 'node:path'
import {expect} from 'vitest'
import {readSettings} from '../../src/cli/settings.ts'
import {test} from '../support/temp-folder.ts'

const self = ['homeport']
const read = (env: Record<string, string>, platform: NodeJS.Platform = 'linux') => readSettings({env, platform, self})

test('HOMEPORT_HOME holds state, cache and sockets', ({folder}) => {
  expect(read({HOMEPORT_HOME: join(folder, 'new'), HOME: '/home/u', XDG_RUNTIME_DIR: '/run/user/1'})).toMatchObject({
    stateDir: join(folder, 'new/state'),
    cacheDir: join(folder, 'new/cache'),
    runtimeDir: join(folder, 'new/run'),
    shortRuntimeDirs: ['/run/user/1/homeport', expect.stringMatching(/^\/tmp\/homeport-\d+$/)],
  })
})

test('without it the XDG folders do, and a relative one counts as unset', () => {
  const xdg = {XDG_STATE_HOME: '/s', XDG_CACHE_HOME: '/c', XDG_RUNTIME_DIR: '/r'}
  expect(read({HOME: '/home/u', ...xdg})).toMatchObject({stateDir: '/s/homeport', cacheDir: '/c/homeport', runtimeDir: '/r/homeport'})
  expect(read({HOME: '/home/u', HOMEPORT_HOME: '', XDG_STATE_HOME: 's', XDG_CACHE_HOME: '', XDG_RUNTIME_DIR: 'r'})).toMatchObject({
    stateDir: '/home/u/.local/state/homeport',
    cacheDir: '/home/u/.cache/homeport',
    runtimeDir: '/home/u/.local/state/homeport/run',
  })
})

test('on macOS they are in Library', () => {
  expect(read({HOME: '/Users/u', XDG_STATE_HOME: '/s'}, 'darwin')).toMatchObject({
    stateDir: '/Users/u/Library/Application Support/homeport',
    cacheDir: '/Users/u/Library/Caches/homeport',
    runtimeDir: '/Users/u/Library/Application Support/homeport/run',
  })
})

test('without HOME the machine knows the folder, or there is one in the temporary folder', () => {
  const {homedir, uid} = userInfo()
  const home = existsSync(homedir) ? homedir : join(tmpdir(), `homeport-${uid}`)
  expect(read({}).stateDir).toBe(join(home, '.local/state/homeport'))
})

test('an unsafe HOMEPORT_HOME is refused', ({folder}) => {
  const open = join(folder, 'open')
  mkdirSync(open)
  chmodSync(open, 0o777)
  symlinkSync(folder, join(folder, 'link'))
  expect(() => read({HOMEPORT_HOME: open})).toThrow('can be written by other users')
  expect(() => read({HOMEPORT_HOME: join(folder, 'link')})).toThrow('is a link')
})

test.for([
  ['', 1],
  ['0.01', 0.01],
  ['1e-3', 0.001],
  ['2', 2],
] as const)('HOMEPORT_TIME_SCALE=%s is %d', ([text, scale]) => {
  expect(read({HOME: '/h', HOMEPORT_TIME_SCALE: text}).timeScale).toBe(scale)
})

test.for(['abc', '0', '-1', 'Infinity', '1,5'])('HOMEPORT_TIME_SCALE=%s is a bad value', text => {
  expect(() => read({HOME: '/h', HOMEPORT_TIME_SCALE: text})).toThrow(
    expect.objectContaining({exitCode: 2, message: expect.stringContaining(text)}),
  )
})

test.for([
  ['1', true],
  ['true', true],
  ['0', false],
  ['false', false],
  ['', false],
] as const)('HOMEPORT_DEBUG=%s is %s', ([text, debug]) => {
  expect(read({HOME: '/h', HOMEPORT_DEBUG: text}).debug).toBe(debug)
})

test('what the launcher put into the environment does not reach dynos, and what it took away does', () => {
  const launched = {HOME: '/h', NODE_COMPILE_CACHE: '/checkout/node_modules/.cache', HOMEPORT_SHELL_NODE_COMPILE_CACHE: ''}
  expect(read(launched).shellEnv).toEqual({HOME: '/h'})
  expect(read({...launched, HOMEPORT_SHELL_NODE_COMPILE_CACHE: '/theirs'}).shellEnv).toEqual({HOME: '/h', NODE_COMPILE_CACHE: '/theirs'})
  expect(read({HOME: '/h', NODE_OPTIONS: '-r x', NODE_COMPILE_CACHE: '/c'}).shellEnv).toEqual({
    HOME: '/h',
    NODE_OPTIONS: '-r x',
    NODE_COMPILE_CACHE: '/c',
  })
})

test('dynos get the shell without our settings, and their NODE_OPTIONS back', () => {
  const env = {
    HOME: '/h',
    HOMEPORT_HOME: '',
    HOMEPORT_TIME_SCALE: '1',
    HOMEPORT_DEBUG: '1',
    HOMEPORT_PORT: '80',
    HOMEPORT_LOG_FORMAT: 'raw',
    HOMEPORT_SHELL_NODE_OPTIONS: '--inspect',
    HOMEPORT_URL_WEB: 'http://127.0.0.1:1',
    HOMEPORT_OF_THE_APP: 'x',
    DATABASE_URL: 'postgres://',
  }
  expect(read(env).shellEnv).toEqual({
    HOME: '/h',
    NODE_OPTIONS: '--inspect',
    HOMEPORT_URL_WEB: 'http://127.0.0.1:1',
    HOMEPORT_OF_THE_APP: 'x',
    DATABASE_URL: 'postgres://',
  })
})
