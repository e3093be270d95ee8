import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {cpSync, mkdirSync, symlinkSync} from 'node:fs'
import {connect} from 'node:net'
import {join} from 'node:path'
import {expect} from 'vitest'
import {writeApp} from '../support/build-app.ts'
import {test as base} from '../support/temp-folder.ts'

const server = join(import.meta.dirname, '../../buildpacks/static/lib/server.mjs')
const files = {
  'index.html': '<h1>root</h1>',
  'sub/index.html': 'sub',
  'about.html': 'about',
  'long.txt': 'line\n'.repeat(1000),
  '404.html': 'nothing here',
  '.well-known/a': 'well',
  '.secret': 'secret',
  Procfile: 'web: x',
}

/** Serves an app with `files` from a port of its own; `ask` gives the status and the body. */
const test = base.extend('serve', async ({folder}, {onCleanup}) => async (more: Readonly<Record<string, string>> = {}) => {
  const app = writeApp(join(folder, 'app'), {...files, ...more})
  mkdirSync(join(app, '.homeport/static'), {recursive: true})
  cpSync(server, join(app, '.homeport/static/server.mjs'))
  symlinkSync('/etc/passwd', join(app, 'out'))
  const child = spawn(process.execPath, [join(app, '.homeport/static/server.mjs')], {
    env: {PORT: '0'},
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  onCleanup(() => void child.kill('SIGKILL'))
  const port = /port (\d+)/.exec(String((await once(child.stdout, 'data'))[0]))?.[1] ?? ''
  const ask = async (path: string, init: RequestInit = {}) => {
    const response = await fetch(`http://127.0.0.1:${port}${path}`, {redirect: 'manual', ...init})
    return {status: response.status, headers: response.headers, body: await response.text()}
  }
  return {ask, port: Number(port), child}
})

test('serves files by their type, folders by their index, and nothing that is hidden or outside', async ({serve}) => {
  const {ask} = await serve()
  const statuses = [
    '/',
    '/sub/',
    '/long.txt',
    '/.well-known/a',
    '/sub',
    '/.secret',
    '/Procfile',
    '/out',
    '/.homeport/static/server.mjs',
    '/nope',
    '/%zz',
  ]
  const answers = await Promise.all(statuses.map(async path => [path, (await ask(path)).status]))
  expect(Object.fromEntries(answers)).toEqual({
    '/': 200,
    '/sub/': 200,
    '/long.txt': 200,
    '/.well-known/a': 200,
    '/sub': 301,
    '/.secret': 404,
    '/Procfile': 404,
    '/out': 404,
    '/.homeport/static/server.mjs': 404,
    '/nope': 404,
    '/%zz': 400,
  })
  expect((await ask('/')).headers.get('content-type')).toBe('text/html; charset=utf-8')
  expect((await ask('/sub?x=1')).headers.get('location')).toBe('/sub/?x=1')
  expect((await ask('/nope')).body).toBe('nothing here')
})

test('does not climb out of the app, however the path is written', async ({serve}) => {
  const {port} = await serve()
  for (const path of ['/../../etc/passwd', '/%2e%2e/%2e%2e/etc/passwd', '//etc/passwd', '/sub/..%2f..%2f.secret']) {
    const socket = connect(port, '127.0.0.1')
    socket.write(`GET ${path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n`)
    let answer = ''
    for await (const chunk of socket) answer += chunk
    expect(answer, path).not.toMatch(/root:|secret/)
  }
})

test('knows what a client has: tags, ranges, gzip, HEAD', async ({serve}) => {
  const {ask} = await serve()
  const first = await ask('/long.txt')
  const tag = first.headers.get('etag') ?? ''
  expect((await ask('/long.txt', {headers: {'if-none-match': tag.replace('W/', '')}})).status).toBe(304)
  const part = await ask('/long.txt', {headers: {range: 'bytes=5-8', 'accept-encoding': 'identity'}})
  expect([part.status, part.body, part.headers.get('content-range')]).toEqual([206, 'line', 'bytes 5-8/5000'])
  expect((await ask('/long.txt', {headers: {range: 'bytes=9000-'}})).status).toBe(416)
  expect([first.headers.get('content-encoding'), first.body.length]).toEqual(['gzip', 5000])
  expect((await ask('/long.txt', {headers: {'accept-encoding': 'identity'}})).headers.get('content-encoding')).toBeNull()
  const head = await ask('/', {method: 'HEAD'})
  expect([head.status, head.body]).toEqual([200, ''])
  expect((await ask('/', {method: 'POST'})).status).toBe(405)
})

test('static.json names the root, clean URLs and a page for all other paths', async ({serve}) => {
  const {ask} = await serve({
    'static.json': '{"root": "pages", "clean_urls": true, "routes": {"/app/**": "index.html"}}',
    'pages/index.html': 'page',
    'pages/a.html': 'a',
  })
  expect([(await ask('/')).body, (await ask('/a')).body, (await ask('/app/x/y')).body, (await ask('/other')).status]).toEqual([
    'page',
    'a',
    'page',
    404,
  ])
})

test('ends at SIGTERM', async ({serve}) => {
  const {child} = await serve()
  const ended = once(child, 'exit')
  child.kill('SIGTERM')
  expect((await ended)[0]).toBe(0)
})
