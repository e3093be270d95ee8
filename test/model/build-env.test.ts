import {expect, test} from 'vitest'
import {buildEnv, envFiles, machineEnv} from '../../src/model/build-env.ts'

const shellEnv = {
  PATH: '/bin:.:relative::/usr/bin',
  HTTPS_PROXY: 'http://p',
  no_proxy: 'x',
  SSL_CERT_FILE: '/c',
  AWS_SECRET_ACCESS_KEY: 's',
  NODE_OPTIONS: '--x',
}

test('a build gets its own variables and those of the machine, nothing else of the shell', () => {
  const env = buildEnv({shellEnv, stack: 'heroku-24', sourceVersion: 'abc', requestId: 'r1'})
  expect(env).toEqual({
    HTTPS_PROXY: 'http://p',
    no_proxy: 'x',
    SSL_CERT_FILE: '/c',
    PATH: '/bin:/usr/bin',
    LANG: 'C.UTF-8',
    STACK: 'heroku-24',
    SOURCE_VERSION: 'abc',
    REQUEST_ID: 'r1',
  })
})

test('a shell without PATH still finds the usual programs', () => {
  const env = buildEnv({shellEnv: {}, stack: 's', sourceVersion: '', requestId: ''})
  expect(env['PATH']).toBe('/usr/local/bin:/usr/bin:/bin')
})

test('machineEnv knows either case of letters', () => {
  expect(machineEnv({https_proxy: 'a', HTTPS_PROXY: 'b', HTTPS: 'c'})).toEqual({https_proxy: 'a', HTTPS_PROXY: 'b'})
})

test('a config var whose name cannot be a file has no file', () => {
  expect(envFiles(new Map(Object.entries({A: '1', 'a/b': '2', '..': '3', '': '4'})))).toEqual([['A', '1']])
})
