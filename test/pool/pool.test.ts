import {execFile} from 'node:child_process'
import {mkdirSync, readFileSync} from 'node:fs'
import {get} from 'node:http'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {homeport as program} from '../support/homeport.ts'
import {Ec2} from '../support/rig/ec2.ts'
import {makeSlug, webProgram} from '../support/rig/make-slug.ts'
import {Moto, motoEnv} from '../support/rig/moto.ts'
import {cacheFolder, Rig, rigAddress} from '../support/rig/rig.ts'

let rig: Rig
let moto: Moto
let ec2: Ec2
let env: Readonly<Record<string, string>>
const root = fileURLToPath(new URL('../..', import.meta.url))

beforeAll(async () => {
  Object.assign(process.env, motoEnv)
  rig = await Rig.create()
  const binary = join(rig.folder, 'homeport')
  await promisify(execFile)(process.execPath, [join(root, 'scripts/build.ts'), '--output', binary], {cwd: root})
  moto = await Moto.start(rigAddress)
  ec2 = new Ec2({rig, moto, role: 'homeport-demo-host'})
  env = {
    ...motoEnv,
    AWS_ENDPOINT_URL: moto.endpoint,
    HOMEPORT_POOL_PROGRAM: binary,
    HOMEPORT_POOL_SSH_CONFIG: rig.writeSshConfig(),
    HOMEPORT_HOME: join(rig.folder, 'home'),
    NO_COLOR: '1',
  }
  mkdirSync(env['HOMEPORT_HOME'] ?? '', {mode: 0o700})
}, 600_000)

afterAll(async () => {
  await ec2?.[Symbol.asyncDispose]()
  await moto?.[Symbol.asyncDispose]()
  await rig?.[Symbol.asyncDispose]()
})

const homeport = (...args: readonly string[]) => program(args, {env, cwd: rig.folder})

/** Runs a command that must succeed, and gives its document. */
async function json<T>(...args: readonly string[]): Promise<T> {
  const {code, stdout, stderr} = await homeport(...args, '--json')
  expect([code, code === 0 ? '' : `${stdout}${stderr}`]).toEqual([0, ''])
  return JSON.parse(stdout) as T
}

/** A slug of the test program in the store of this machine. */
async function importSlug(name: string, more: Readonly<Record<string, string>> = {}): Promise<string> {
  const slug = await makeSlug(rig.folder, name, {'web.pl': webProgram, Procfile: 'web: perl web.pl\nworker: sleep 6000\n', ...more})
  return (await json<{slug: string}>('slugs:import', slug.tar)).slug
}

const onPool = (app = 'shop') => ['--target', 'ec2', '--pool', 'demo', '--app', app] as const

function throughRouter(address: string, host: string, path = '/'): Promise<{status: number | undefined; body: string}> {
  return new Promise((resolve, reject) => {
    get({host: address, path, headers: {host}, agent: false, timeout: 5000}, response => {
      let body = ''
      response.on('data', chunk => {
        body += chunk
      })
      response.on('end', () => resolve({status: response.statusCode, body: body.trim()}))
    }).on('error', reject)
  })
}

describe('a pool, from nothing', () => {
  let addresses: readonly string[] = []
  let first = ''

  test('is created until every host has joined, and again at once', async ({annotate}) => {
    const from = Date.now()
    const args = [
      'pool:create',
      'demo',
      '--size',
      '3',
      '--stack-archive',
      join(cacheFolder(), 'stack.tar'),
      '--host-image',
      'ami-12c6146b',
      '--yes',
    ]
    const created = await json<{hosts: readonly {state: string; isManager: boolean}[]; addresses: readonly string[]; monthlyUsd: number}>(
      ...args,
    )
    await annotate(`created in ${Date.now() - from} ms`)
    expect(created.hosts.map(({state, isManager}) => [state, isManager])).toEqual([
      ['ready', true],
      ['ready', true],
      ['ready', true],
    ])
    expect(created.monthlyUsd).toBeGreaterThan(40)
    addresses = [...ec2.machines.values()].map(({host}) => host.address)
    expect((await json<{hosts: readonly unknown[]}>(...args)).hosts).toHaveLength(3)
    expect(ec2.machines.size).toBe(3)
    expect(await json('pool')).toEqual([{name: 'demo', region: 'us-east-1', hosts: 3}])
  })

  test('takes a slug: the same on the laptop, on each host, as the layer', async ({annotate}) => {
    first = await importSlug('one')
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
    for (const {host} of ec2.machines.values()) {
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
      await expect.poll(async () => (await throughRouter(address, 'shop')).status, {timeout: 20_000}).toBe(200)
      expect((await throughRouter(address, 'other.example')).status).toBe(404)
    }
    await json('domains:add', 'www.example.com', ...onPool())
    await expect.poll(async () => (await throughRouter(addresses[0] ?? '', 'www.example.com')).status, {timeout: 10_000}).toBe(200)
  })

  test('the metadata service is closed to dynos', async () => {
    const {host} = [...ec2.machines.values()][0] ?? {}
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
    const changed = await importSlug('two', {'web.pl': webProgram.replace('booting', 'starting')})
    const {uploadedBytes} = await json<{uploadedBytes: number}>('deploy', ...onPool(), '--slug', changed)
    await annotate(`${uploadedBytes} bytes for a changed line`)
    expect(uploadedBytes).toBeLessThan(64 * 1024)
  })

  test('config vars make a release, are seen by dynos, and lie nowhere in the clear', async () => {
    await json('config:set', "TEST_SECRET=it's geheim", ...onPool())
    expect(await json('config', ...onPool())).toEqual({TEST_SECRET: "it's geheim"})
    await expect.poll(async () => (await throughRouter(addresses[0] ?? '', 'shop', '/secret')).body, {timeout: 20_000}).toBe("it's geheim")
    const {stdout} = await homeport('releases', ...onPool())
    expect(stdout).toMatch(/v4 +Set TEST_SECRET config vars/)
    expect(stdout).not.toContain('geheim')
  })

  test('a release that crashes: exit 7, the reason shown, the old one serves', async () => {
    const bad = await importSlug('bad', {'web.pl': 'print "I am broken\\n"; exit 3', worker: ''})
    const {code, stderr} = await homeport('deploy', ...onPool(), '--slug', bad)
    expect([code, stderr]).toEqual([
      7,
      expect.stringMatching(/I am broken[\s\S]*Release v5 did not come up: web\.\d on \S+ ended with exit code 3.*v4 serves as before/),
    ])
    expect((await throughRouter(addresses[0] ?? '', 'shop')).status).toBe(200)
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
    await expect.poll(() => ec2.machines.size, {timeout: 60_000}).toBe(0)
    expect(await json('pool')).toEqual([])
  })
})

test('nothing went wrong at a boot', () => {
  const logs = rig.hosts.map(host => {
    try {
      return readFileSync(host.path('/var/log/homeport-boot.log'), 'utf8').slice(-3000)
    } catch {
      return ''
    }
  })
  expect([ec2.failures, logs.filter(text => /error/i.test(text))]).toEqual([[], []])
})
