import {expect, test} from 'vitest'
import {dynoEnv, machineEnv, terminalEnv} from '../../src/model/dyno-env.ts'

const urls = new Map([
  ['web', 'http://127.0.0.1:5006'],
  ['web-api', 'http://127.0.0.1:6000'],
])
const parts = {
  base: {PATH: '/bin', A: 'shell', PORT: '1'},
  configVars: {A: 'file', PORT: '2'},
  name: 'web.1',
  type: 'web',
  port: 4321,
  urls,
}

test('a folder: shell, then .env, then ours; PORT always wins', () => {
  expect(dynoEnv({...parts, comfort: {colour: false}})).toEqual({
    PATH: '/bin',
    A: 'file',
    PORT: '4321',
    DYNO: 'web.1',
    PS: 'web.1',
    HOMEPORT_URL_WEB_API: 'http://127.0.0.1:6000',
    PYTHONUNBUFFERED: '1',
  })
})

test('comfort never overrides the user', () => {
  const env = dynoEnv({...parts, base: {FORCE_COLOR: '0'}, configVars: {PYTHONUNBUFFERED: ''}, comfort: {colour: true}})
  expect(env).toMatchObject({FORCE_COLOR: '0', CLICOLOR_FORCE: '1', PYTHONUNBUFFERED: ''})
})

test('a slug gets no comfort', () => {
  expect(Object.keys(dynoEnv({...parts, base: {}, configVars: {}})).sort()).toEqual(['DYNO', 'HOMEPORT_URL_WEB_API', 'PORT', 'PS'])
})

test('certificates and proxies pass, nothing else does', () => {
  expect(machineEnv({SSL_CERT_FILE: 'a', https_proxy: 'b', NO_PROXY: 'c', AWS_SECRET_ACCESS_KEY: 'd', HOME: 'e'})).toEqual({
    SSL_CERT_FILE: 'a',
    https_proxy: 'b',
    NO_PROXY: 'c',
  })
})

test.for([
  [{}, 'xterm-256color'],
  [{TERM: ''}, 'xterm-256color'],
  [{TERM: 'dumb'}, 'xterm-256color'],
  [{TERM: 'screen'}, 'screen'],
] as const)('a dyno with a terminal and %j has the TERM %s', ([env, term]) => {
  expect(terminalEnv(env)).toEqual({TERM: term})
})
