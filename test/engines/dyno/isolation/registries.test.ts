import {chmodSync, mkdirSync} from 'node:fs'
import {createServer, type Server} from 'node:http'
import {connect, createServer as createTcpServer, type Server as TcpServer} from 'node:net'
import {join} from 'node:path'
import {expect} from 'vitest'
import {RegistryProxy} from '../../../../src/engines/dyno/isolation/registry-proxy.ts'
import type {RegistryNetwork} from '../../../../src/model/registries.ts'
import {openBuild, outcomeOf, usualSandboxWays} from '../../../support/isolation.ts'
import {test as base} from '../../../support/temp-folder.ts'

/** Stands for the proxy of a company: it says whom it was asked for and answers in the place of the registry. */
const test = base.extend('upstream', async ({task: _}, {onCleanup}) => {
  const asked: string[] = []
  const server: Server = createServer((request, response) => {
    asked.push(`${request.method} ${request.url}`)
    response.end('a package')
  })
  server.on('connect', (request, socket) => {
    asked.push(`CONNECT ${request.url} ${request.headers['proxy-authorization'] ?? ''}`.trim())
    socket.write('HTTP/1.1 200 OK\r\n\r\n')
    socket.on('data', data => socket.end(`echo ${data}`))
    socket.on('error', () => undefined)
  })
  const port = await listen(server)
  onCleanup(() => {
    server.closeAllConnections()
    server.close()
  })
  const network: RegistryNetwork = {allow: ['registry.test'], upstreamProxy: `http://me:pass@127.0.0.1:${port}`}
  return {asked, network}
})

async function listen(server: Server | TcpServer): Promise<number> {
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  return typeof address === 'object' ? (address?.port ?? 0) : 0
}

/** What comes back for these bytes on a unix socket. */
function say(path: string, text: string): Promise<string> {
  return new Promise(resolve => {
    let answer = ''
    const socket = connect(path, () => socket.write(text))
    socket.on('data', data => {
      answer += data.toString()
      if (answer.endsWith('\r\n\r\n') && answer.startsWith('HTTP/1.1 200')) socket.write('bytes')
    })
    socket.on('close', () => resolve(answer))
  })
}

test('a registry is reached by CONNECT and by a plain request, over the machine’s own proxy', async ({folder, upstream}) => {
  const path = join(folder, 's')
  await using _ = await RegistryProxy.listen(path, upstream.network)
  expect(await say(path, 'CONNECT registry.test:443 HTTP/1.1\r\nHost: registry.test:443\r\n\r\n')).toContain('echo bytes')
  const plain = await say(path, 'GET http://registry.test/p?q=1 HTTP/1.1\r\nHost: registry.test\r\nConnection: close\r\n\r\n')
  expect(plain).toContain('a package')
  expect(upstream.asked).toEqual([
    `CONNECT registry.test:443 Basic ${Buffer.from('me:pass').toString('base64')}`,
    'GET http://registry.test/p?q=1',
  ])
})

test.for([
  'CONNECT example.com:443 HTTP/1.1\r\nHost: example.com\r\n\r\n',
  'CONNECT registry.test:22 HTTP/1.1\r\nHost: registry.test\r\n\r\n',
  'CONNECT 127.0.0.1:80 HTTP/1.1\r\nHost: x\r\n\r\n',
  'GET http://example.com/ HTTP/1.1\r\nHost: registry.test\r\nConnection: close\r\n\r\n',
  'GET /relative HTTP/1.1\r\nHost: registry.test\r\nConnection: close\r\n\r\n',
])('%j is refused, and says how to open it', async (text, {folder, upstream}) => {
  const path = join(folder, 's')
  await using _ = await RegistryProxy.listen(path, upstream.network)
  const answer = await say(path, text)
  expect(answer).toMatch(/^HTTP\/1\.1 403/)
  expect(answer).toContain('--build-network all')
  expect(upstream.asked).toEqual([])
})

test('a registry that is not there is an answer, not a hang', async ({folder}) => {
  const closed = createTcpServer()
  const port = await listen(closed)
  await new Promise(resolve => closed.close(resolve))
  const path = join(folder, 's')
  await using _ = await RegistryProxy.listen(path, {allow: ['registry.test'], upstreamProxy: `http://127.0.0.1:${port}`})
  expect(await say(path, 'GET http://registry.test/ HTTP/1.1\r\nHost: registry.test\r\nConnection: close\r\n\r\n')).toMatch(
    /^HTTP\/1\.1 502/,
  )
  expect(await say(path, 'CONNECT registry.test:443 HTTP/1.1\r\nHost: registry.test\r\n\r\n')).toBe('')
})

test.for(usualSandboxWays)(
  'a build in a $name reaches a registry and nothing else, with the variables that clients read',
  async (way, {folder, upstream, onTestFinished}) => {
    const other = createTcpServer(socket => socket.end('reached'))
    const port = await listen(other)
    onTestFinished(() => {
      other.close()
    })
    mkdirSync(join(folder, 'source'))
    chmodSync(folder, 0o755)
    const build = {network: upstream.network, views: [{source: join(folder, 'source'), target: '/tmp/build_1', isWritable: true}]}
    const room = await openBuild(folder, way, build)
    await using _ = room.made
    const script = [
      'curl -s -m 10 http://registry.test/pkg; echo',
      'curl -s -m 10 http://example.com/ | head -c 20; echo',
      'curl -s -m 10 -o /dev/null -w "%{http_connect}\\n" https://example.com/',
      `curl -s -m 10 --noproxy "*" http://127.0.0.1:${port}/ || echo closed`,
      'echo "$MAVEN_OPTS"; exit 4',
    ].join('\n')
    const env = {PATH: '/usr/local/bin:/usr/bin:/bin', MAVEN_OPTS: '-Xmx1g'}
    const {stdout, stderr, code} = await outcomeOf(room.start({argv: ['sh', '-c', script], env, workingFolder: '/tmp/build_1'}))
    expect(stdout.split('\n'), stderr).toEqual([
      'a package',
      'Homeport: this build',
      '403',
      'closed',
      expect.stringMatching(/^-Xmx1g -Dhttp\.proxyHost=/),
      '',
    ])
    expect(code).toBe(4)
  },
)
