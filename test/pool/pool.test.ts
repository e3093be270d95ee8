import {readFileSync} from 'node:fs'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {askEdge} from '../support/rig/edge-load.ts'
import {webProgram} from '../support/rig/make-slug.ts'
import {onPool, TestPool} from '../support/rig/test-pool.ts'

let pool: TestPool
const homeport = (...args: readonly string[]) => pool.run(...args)
const json = <T>(...args: readonly string[]) => pool.json<T>(...args)

beforeAll(async () => {
  pool = await TestPool.open()
}, 600_000)

afterAll(() => pool?.[Symbol.asyncDispose]())

describe('a pool, from nothing', () => {
  let addresses: readonly string[] = []
  let first = ''

  test('is created until every host has joined, and again at once', async ({annotate}) => {
    const from = Date.now()
    const created = await pool.create()
    await annotate(`created in ${Date.now() - from} ms`)
    expect(created.hosts.map(({state, isManager}) => [state, isManager])).toEqual([
      ['ready', true],
      ['ready', true],
      ['ready', true],
    ])
    expect(created.monthlyUsd).toBeGreaterThan(40)
    addresses = pool.addresses
    expect((await pool.create()).hosts).toHaveLength(3)
    expect(pool.ec2.machines.size).toBe(3)
    expect(await json('pool')).toEqual([{name: 'demo', region: 'us-east-1', hosts: 3}])
  })

  test('takes a slug: the same on the laptop, on each host, as the layer', async ({annotate}) => {
    first = await pool.importSlug('one')
    const plan = await homeport('deploy', ...onPool(), '--slug', first, '--plan', '--formation', 'web=3')
    expect(plan.stdout).toMatch(/^1\. preflight .*\n2\. upload .*\n3\. commit .*v1/)
    const result = await json<{release: number; slug: string; uploadedBytes: number; status: string; durationMs: number}>(
      'deploy',
      ...onPool(),
      '--slug',
      first,
      '--formation',
      'web=3',
    )
    await annotate(`deployed in ${result.durationMs} ms, ${result.uploadedBytes} bytes`)
    expect(result).toMatchObject({release: 1, slug: first, hosts: 3, status: 'succeeded'})
    for (const {host} of pool.ec2.machines.values()) {
      const layers = await host.exec(
        'docker',
        'image',
        'inspect',
        `homeport.invalid/slug:${first.slice(7)}`,
        '--format',
        '{{json .RootFS.Layers}}',
      )
      expect(JSON.parse(layers).at(-1)).toBe(first)
    }
  })

  test('every edge host answers for the app by its name, and for nobody else', async () => {
    for (const address of addresses) {
      await expect.poll(async () => (await askEdge(address, 'shop')).status, {timeout: 20_000}).toBe(200)
      expect((await askEdge(address, 'other.example')).status).toBe(404)
    }
    await json('domains:add', 'www.example.com', ...onPool())
    await expect.poll(async () => (await askEdge(addresses[0] ?? '', 'www.example.com')).status, {timeout: 10_000}).toBe(200)
  })

  test('the metadata service is closed to dynos', async () => {
    const {host} = [...pool.ec2.machines.values()][0] ?? {}
    const script = 'exec 3<>/dev/tcp/169.254.169.254/80 && echo open'
    const said = await host?.exec(
      'sh',
      '-c',
      `docker exec $(docker ps -qf label=homeport.type=web | head -1) timeout 3 bash -c '${script}'; true`,
    )
    expect(said).not.toContain('open')
  })

  test('a deploy of the same slug sends nothing, of a changed line little', async ({annotate}) => {
    expect(await json('deploy', ...onPool(), '--slug', first)).toMatchObject({release: 2, uploadedBytes: 0})
    const changed = await pool.importSlug('two', {'web.pl': webProgram.replace('booting', 'starting')})
    const {uploadedBytes} = await json<{uploadedBytes: number}>('deploy', ...onPool(), '--slug', changed)
    await annotate(`${uploadedBytes} bytes for a changed line`)
    expect(uploadedBytes).toBeLessThan(64 * 1024)
  })

  test('config vars make a release, are seen by dynos, and lie nowhere in the clear', async () => {
    await json('config:set', "TEST_SECRET=it's geheim", ...onPool())
    expect(await json('config', ...onPool())).toEqual({TEST_SECRET: "it's geheim"})
    await expect.poll(async () => (await askEdge(addresses[0] ?? '', 'shop', '/secret')).body, {timeout: 20_000}).toBe("it's geheim")
    const {stdout} = await homeport('releases', ...onPool())
    expect(stdout).toMatch(/v4 +Set TEST_SECRET config vars/)
    expect(stdout).not.toContain('geheim')
  })

  test('a release that crashes: exit 7, the reason shown, the old one serves', async () => {
    const bad = await pool.importSlug('bad', {'web.pl': 'print "I am broken\\n"; exit 3', worker: ''})
    const {code, stderr} = await homeport('deploy', ...onPool(), '--slug', bad)
    expect([code, stderr]).toEqual([
      7,
      expect.stringMatching(/I am broken[\s\S]*Release v5 did not come up: web\.\d on \S+ ended with exit code 3.*v4 serves as before/),
    ])
    expect((await askEdge(addresses[0] ?? '', 'shop')).status).toBe(200)
    expect((await homeport('releases', ...onPool())).stdout).toMatch(/Current: v4[\s\S]*v5 .*rolled back/)
  })

  test('rollback, scale, logs, ps', async () => {
    expect(await json('rollback', 'v1', ...onPool())).toMatchObject({release: 6, to: 1, slug: first})
    expect(await json('ps:scale', 'web=2', 'worker=1', ...onPool())).toEqual({web: 2, worker: 1})
    await expect
      .poll(async () => (await json<readonly {state: string}[]>('ps', ...onPool())).filter(dyno => dyno.state === 'up').length, {
        timeout: 60_000,
        interval: 1000,
      })
      .toBe(3)
    expect((await homeport('logs', ...onPool(), '--type', 'web')).stdout).toMatch(/web\.1 .*booting web\.1/)
  })

  test('an app, a type, a release that is not there: exit 2', async () => {
    for (const args of [
      ['releases', ...onPool('blog')],
      ['ps:scale', 'nope=1', ...onPool()],
      ['rollback', 'v99', ...onPool()],
      ['pool:hosts', 'other'],
    ]) {
      const {code, stderr} = await homeport(...args)
      expect([args[0], code, stderr]).toEqual([args[0], 2, expect.stringContaining('Error')])
    }
  })

  test('is destroyed with all that it had', async () => {
    expect((await homeport('pool:destroy', 'demo')).code).toBe(2)
    const {removed, left} = await json<{removed: readonly string[]; left: readonly unknown[]}>('pool:destroy', 'demo', '--confirm', 'demo')
    expect([removed, left]).toEqual([['hosts', 'template', 'network', 'role', 'join secret', 'key', 'bucket'], []])
    await expect.poll(() => pool.ec2.machines.size, {timeout: 60_000}).toBe(0)
    expect(await json('pool')).toEqual([])
  })
})

test('nothing went wrong at a boot', () => {
  const logs = pool.rig.hosts.map(host => {
    try {
      return readFileSync(host.path('/var/log/homeport-boot.log'), 'utf8').slice(-3000)
    } catch {
      return ''
    }
  })
  expect([pool.ec2.failures, logs.filter(text => /error/i.test(text))]).toEqual([[], []])
})
