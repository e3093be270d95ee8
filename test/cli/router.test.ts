import {type ChildProcess, spawn} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {createServer, type Server} from 'node:http'
import {get} from 'node:https'
import type {AddressInfo} from 'node:net'
import {join} from 'node:path'
import {expect} from 'vitest'
import {homeport, program} from '../support/homeport.ts'
import {test as base} from '../support/temp-folder.ts'

type RunningRouter = {
  readonly child: ChildProcess
  readonly url: string
  readonly stdout: () => string
  readonly ended: Promise<[number | null, string | null]>
}

const test = base
  .extend('server', async ({task: _}, {onCleanup}) => {
    const server = createServer((request, response) =>
      response.end(`${request.headers['x-forwarded-proto']} ${request.headers['x-forwarded-port']}`),
    )
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    onCleanup(() => new Promise(resolve => server.close(() => resolve())))
    return server
  })
  .extend('startRouter', async ({task: _}, {onCleanup}) => {
    const children: ChildProcess[] = []
    onCleanup(() => {
      for (const child of children) child.kill('SIGKILL')
    })
    return async (args: readonly string[], more: Readonly<Record<string, string>> = {}): Promise<RunningRouter> => {
      const {PATH, HOME} = process.env
      const child = spawn(program, ['router', '--port', '0', ...args], {env: {PATH, HOME, ...more}, stdio: ['ignore', 'pipe', 'pipe']})
      children.push(child)
      let [stdout, stderr] = ['', '']
      child.stdout.on('data', chunk => {
        stdout += chunk
      })
      child.stderr.on('data', chunk => {
        stderr += chunk
      })
      const ended = new Promise<[number | null, string | null]>(resolve => child.on('close', (code, signal) => resolve([code, signal])))
      const announced = () => /http:\/\/localhost:\d+/.exec(stdout + stderr)?.[0]
      await expect.poll(announced, {timeout: 20_000}).toBeDefined()
      return {child, url: announced() ?? '', stdout: () => stdout, ended}
    }
  })

const portOf = (server: Server) => (server.address() as AddressInfo).port

test('--json: a ready event, then one request event with the keys of the contract', async ({server, startRouter}) => {
  const {url, stdout} = await startRouter(['--route', `localhost=${portOf(server)}`, '--json'])
  expect(await (await fetch(`${url}/a?b=1`)).text()).toBe(`http ${new URL(url).port}`)
  const objects = () =>
    stdout()
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line))
  await expect.poll(() => objects().length).toBe(2)
  expect(objects()).toMatchObject([
    {type: 'ready', url},
    {
      type: 'request',
      method: 'GET',
      path: '/a?b=1',
      dyno: 'web.1',
      status: 200,
      protocol: 'http',
      line: expect.stringMatching(/^at=info method=GET path="\/a\?b=1" /),
    },
  ])
  expect(Object.keys(objects()[1])).toEqual([
    'type',
    'time',
    'method',
    'path',
    'host',
    'requestId',
    'fwd',
    'dyno',
    'connectMs',
    'serviceMs',
    'status',
    'bytes',
    'protocol',
    'line',
  ])
})

test.for([
  ['short', /^\d\d:\d\d:\d\d heroku\[router\]: at=info method=GET /],
  ['heroku', /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}\+00:00 heroku\[router\]: at=info method=GET /],
  ['raw', /^at=info method=GET /],
] as const)('--log-format %s', async ([format, pattern], {server, startRouter}) => {
  const {url, stdout} = await startRouter(['--route', `localhost=${portOf(server)}`, '--log-format', format, '--forwarded-proto', 'https'])
  expect(await (await fetch(url)).text()).toBe('https 443')
  await expect.poll(stdout).toMatch(pattern)
})

test.for([
  ['SIGTERM', 143],
  ['SIGINT', 130],
] as const)('%s ends it with %i, its lines are out and its port is free', async ([signal, code], {server, startRouter}) => {
  const {child, url, stdout, ended} = await startRouter(['--route', `localhost=${portOf(server)}`])
  await (await fetch(url)).text()
  child.kill(signal)
  expect(await ended).toEqual([code, null])
  expect(stdout()).toContain('at=info method=GET')
  await expect(fetch(url)).rejects.toThrow()
})

test('an unknown host is told of --route', async ({server, startRouter}) => {
  const {url} = await startRouter(['--route', `app.localhost=${portOf(server)}`])
  const response = await fetch(url)
  expect(response.status).toBe(404)
  expect(await response.text()).toMatch(/--route localhost=ADDRESS.*--domain.*http:\/\/app\.localhost:/s)
})

test('--tls: both addresses are told, HTTPS leads to the same servers', async ({server, startRouter, folder}) => {
  const {url, stdout} = await startRouter(['--route', `localhost=${portOf(server)}`, '--tls', '--json'], {HOMEPORT_HOME: folder})
  const {httpsUrl} = JSON.parse(stdout().split('\n')[0] ?? '')
  const authority = readFileSync(join(folder, 'state/authority/certificate.pem'))
  expect(await (await fetch(url)).text()).toBe(`http ${new URL(url).port}`)
  expect(await getSecurely(httpsUrl, authority)).toBe(`https ${new URL(httpsUrl).port}`)
  await expect.poll(stdout).toMatch(/ protocol=https tls=true tls_version=tls1\.3"\}\n$/)
})

function getSecurely(url: string, ca: Buffer): Promise<string> {
  return new Promise((resolve, reject) => {
    get(url, {ca}, response => response.setEncoding('utf8').on('data', resolve)).on('error', reject)
  })
}

test('a taken port is exit 5', async ({server}) => {
  const {code, stderr} = await homeport(['router', '--port', String(portOf(server)), '--listen', '127.0.0.1', '--route', '*=3000'])
  expect([code, stderr]).toEqual([5, expect.stringContaining(`Port ${portOf(server)} is taken.`)])
})

test.for([
  [['--port', '80x', '--route', '*=3000']],
  [['--port', '70000', '--route', '*=3000']],
  [['--port', '0', '--route', 'nonsense']],
  [['--port', '0']],
  [['--route', '*=3000']],
  [['--port', '0', '--route', '*=3000', '--forwarded-proto', 'ftp']],
] as const)('router %j is exit 2', async ([args]) => {
  expect((await homeport(['router', ...args])).code).toBe(2)
})

test('nobody reads its lines any more: exit 141', async ({server, startRouter}) => {
  const {child, url, ended} = await startRouter(['--route', `localhost=${portOf(server)}`])
  child.stdout?.destroy()
  await (await fetch(url)).text()
  expect(await ended).toEqual([141, null])
})

test('what is missing is told in one line', async () => {
  expect((await homeport(['router'])).stderr).toContain('Error: `homeport router` needs --port and --route.\n')
})
