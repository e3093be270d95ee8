import {describe} from 'vitest'
import {anyAddress} from '../../../src/engines/router/host-table.ts'
import {connectPeer} from './peer.ts'
import {Dyno, expect, get, ok, type Rig, test} from './rig.ts'

async function statusFor(rig: Rig, name: string): Promise<string> {
  const client = (await rig.connect()).send(`GET / HTTP/1.1\r\nHost: ${name}\r\n\r\n`)
  const {1: status = ''} = await client.reads(/^HTTP\/1\.1 (\d+) /)
  client.close()
  return status
}

async function pageFor(rig: Rig, name: string): Promise<string> {
  const client = (await rig.connect()).send(`GET / HTTP/1.1\r\nHost: ${name}\r\n\r\n`)
  const {input} = await client.reads(/<\/html>/)
  client.close()
  return input
}

describe('b.8 and cli.md 2, names', () => {
  test('port, letter case and one trailing dot are ignored', async ({makeRig}) => {
    const rig = await makeRig()
    rig.dyno.answers(ok)
    for (const name of ['app.localhost', 'APP.localhost:5006', 'app.localhost.', 'App.LocalHost.:80', 'app.localhost:']) {
      expect([name, await statusFor(rig, name)]).toEqual([name, '200'])
    }
    for (const name of ['app.localhost..', 'xapp.localhost', 'app.localhos'])
      expect([name, await statusFor(rig, name)]).toEqual([name, '404'])
  })

  test('each name leads to its own dynos', async ({makeRig}) => {
    const rig = await makeRig()
    const api = rig.router.makeBackends('api')
    const server = await Dyno.listen()
    api.add({name: 'api.1', host: '127.0.0.1', port: server.port})
    rig.dyno.answers('HTTP/1.1 201 web\r\nContent-Length: 0\r\n\r\n')
    server.answers('HTTP/1.1 202 api\r\nContent-Length: 0\r\n\r\n')
    rig.router.setHosts([
      {host: 'localhost', to: rig.web},
      {host: anyAddress, to: rig.web},
      {host: 'api.app.localhost', to: api},
      {host: '*.example.com', to: rig.web},
      {host: 'api.example.com', to: api},
      {host: '*.api.example.com', to: api},
    ])
    for (const [name, status] of [
      ['localhost:5006', '201'],
      ['127.0.0.1:5006', '201'],
      ['[::1]:5006', '201'],
      ['192.168.1.7', '201'],
      ['api.app.localhost', '202'],
      ['www.example.com', '201'],
      ['a.b.example.com', '201'],
      ['api.example.com', '202'],
      ['x.api.example.com', '202'],
      ['example.com', '404'],
      ['other.test', '404'],
    ] as const) {
      expect([name, await statusFor(rig, name)]).toEqual([name, status])
    }
    expect(rig.events.find(({host}) => host === 'api.example.com')?.dyno).toBe('api.1')
    await server.close()
  })

  test('* is for any other name', async ({makeRig}) => {
    const rig = await makeRig()
    rig.dyno.answers(ok)
    rig.router.setHosts([{host: '*', to: rig.web}])
    for (const name of ['other.test', '10.0.0.1', 'localhost']) expect(await statusFor(rig, name)).toBe('200')
  })

  test('an unknown host is 404, and its page names the command with --domain', async ({makeRig}) => {
    const rig = await makeRig()
    const text = await pageFor(rig, 'www.example.test')
    expect(text).toMatch(/^HTTP\/1\.1 404 Not Found/)
    expect(text).toContain('www.example.test')
    expect(text).toMatch(/<code>homeport start --domain [a-z.]+<\/code>/)
    expect(await rig.line()).toMatch(
      /^at=info method=GET path="\/" host=www\.example\.test .* dyno= connect= service= status=404 bytes= protocol=http$/,
    )
  })

  test.for(['localhost', 'other.localhost:5006', '127.0.0.1', '127.1.2.3:80', '[::1]'])(
    '%s sees what runs here',
    async (name, {makeRig}) => {
      const rig = await makeRig()
      expect(await pageFor(rig, name)).toContain(`http://app.localhost:${rig.port}/`)
    },
  )

  test.for(['evil.example', 'localhost.evil.example', '10.0.0.1', 'xlocalhost', '127.0.0.1.evil.example'])(
    '%s does not',
    async (name, {makeRig}) => {
      const rig = await makeRig()
      expect(await pageFor(rig, name)).not.toContain('app.localhost')
    },
  )

  test('a listener of its own leads to one type whatever the Host', async ({makeRig}) => {
    const rig = await makeRig()
    const worker = rig.router.makeBackends('worker')
    const server = await Dyno.listen()
    server.answers('HTTP/1.1 202 worker\r\nContent-Length: 0\r\n\r\n')
    worker.add({name: 'worker.1', host: '127.0.0.1', port: server.port})
    const {port} = await rig.router.listen({port: 0, addresses: ['127.0.0.1'], backends: worker})
    const client = await connectPeer(port)
    await client.send('GET / HTTP/1.1\r\nHost: anything.at.all\r\n\r\n').reads(/^HTTP\/1\.1 202 worker/)
    client.close()
    await server.close()
  })

  test('one port is opened on both loopback addresses', async ({makeRig}) => {
    const rig = await makeRig({addresses: ['127.0.0.1', '::1']})
    rig.dyno.answers(ok)
    for (const address of ['127.0.0.1', '::1']) await (await rig.connect(address)).send(get).reads(/ok$/)
  })

  test('a taken port is said by its code', async ({makeRig}) => {
    const rig = await makeRig()
    await expect(rig.router.listen({port: rig.port, addresses: ['127.0.0.1']})).rejects.toMatchObject({code: 'PORT_TAKEN', exitCode: 5})
  })
})

describe('b.8, pages', () => {
  test('ERROR_PAGE_URL is shown in a frame, the status stays', async ({makeRig}) => {
    const rig = await makeRig({dynos: 0})
    rig.web.setEmptyState('crashed')
    rig.web.errorPageUrl = '//cdn.example.com/error.html?a=1&b="2"'
    const client = (await rig.connect()).send(get)
    await client.reads(/^HTTP\/1\.1 503 .*<iframe src="\/\/cdn\.example\.com\/error\.html\?a=1&amp;b=&quot;2&quot;"/s)
  })

  test('MAINTENANCE_PAGE_URL is shown in a frame, the status stays', async ({makeRig}) => {
    const rig = await makeRig()
    rig.web.isInMaintenance = true
    rig.web.maintenancePageUrl = 'https://cdn.example.com/back-soon.html'
    await (await rig.connect()).send(get).reads(/^HTTP\/1\.1 503 .*<iframe src="https:\/\/cdn\.example\.com\/back-soon\.html"/s)
  })

  test('HEAD gets the length of a page, not the page', async ({makeRig}) => {
    const rig = await makeRig({dynos: 0})
    rig.web.setEmptyState('crashed')
    const client = (await rig.connect()).send(get.replace('GET', 'HEAD'))
    const {input} = await client.reads(/\r\n\r\n/)
    expect(input).toMatch(/Content-Length: [1-9]\d+\r\n.*\r\n\r\n$/s)
  })

  test('a page is not cached', async ({makeRig}) => {
    const rig = await makeRig({dynos: 0})
    rig.web.setEmptyState('crashed')
    await (await rig.connect()).send(get).reads(/Cache-Control: no-cache, no-store\r\n/)
  })
})
