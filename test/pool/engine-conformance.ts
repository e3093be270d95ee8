import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import type {ComposedImage} from '../../src/engines/pool/compose-image.ts'
import type {PoolEngine, PoolLogLine} from '../../src/engines/pool/engine.ts'
import type {DynoGroup} from '../../src/model/dyno-group.ts'
import {dynoSize} from '../../src/model/dyno-size.ts'
import {fetchText, Load} from '../support/rig/load.ts'
import {makeSlug, type TestSlug, webProgram} from '../support/rig/make-slug.ts'
import type {Rig} from '../support/rig/rig.ts'

export type EngineUnderTest = {
  readonly rig: Rig
  readonly engine: PoolEngine
  /** Puts the image of a slug on every host. */
  loadSlug(slug: TestSlug): Promise<ComposedImage>
}

const app = 'shop'
/** Of a size that hosts of 2 GiB have room for, several times. */
const size = {...dynoSize('eco'), memoryBytes: 128 * 1024 ** 2}

/** What every engine of a pool must do, with real hosts that fail. */
export function describeEngine(name: string, create: () => Promise<EngineUnderTest>): void {
  describe(`the engine ${name}`, () => {
    let pool: EngineUnderTest
    let image = ''
    let slug = ''
    let load: Load
    const engine = () => pool.engine

    beforeAll(async () => {
      pool = await create()
      const made = await makeSlug(pool.rig.folder, 'web', {'web.pl': webProgram, Procfile: 'web: perl web.pl\n'})
      slug = made.id
      image = (await pool.loadSlug(made)).id
      load = new Load(pool.engine, app)
    })

    afterAll(async () => {
      await load?.[Symbol.asyncDispose]()
      await pool?.rig[Symbol.asyncDispose]()
    })

    /** A group whose config vars are `vars`. */
    async function group(release: number, vars: Readonly<Record<string, string>> = {}, more: Partial<DynoGroup> = {}): Promise<DynoGroup> {
      const config = `c${release}${Object.keys(vars).join('').toLowerCase()}`.replaceAll('_', '').padEnd(64, '0')
      await engine().storeConfig(app, config, new Map(Object.entries({TEST_RELEASE: `v${release}`, TEST_SECRET: "it's $ecret", ...vars})))
      return {
        app,
        type: 'web',
        release,
        slug,
        image,
        command: 'perl web.pl',
        quantity: 3,
        size,
        config,
        web: {bootMs: 8000},
        domains: [],
        stopMs: 30_000,
        ...more,
      }
    }

    const up = async () => (await engine().dynos(app)).filter(dyno => dyno.state === 'up' && dyno.type === 'web')
    const untilUp = (count: number, timeout: number) =>
      expect.poll(async () => (await up().catch(() => [])).length, {timeout, interval: 300}).toBe(count)

    async function deploy(next: DynoGroup, fence = next.release) {
      await engine().submit(next, {fence})
      return await engine().watch(next, {})
    }

    test('knows its hosts: who leads, how much memory is free', async () => {
      const hosts = await engine().hosts()
      expect(hosts.map(({name, state, isManager, os, arch}) => ({name, state, isManager, os, arch}))).toEqual(
        ['m1', 'm2', 'm3'].map(name => ({name, state: 'ready', isManager: true, os: 'linux', arch: 'x64'})),
      )
      expect(hosts.filter(host => host.isLeader)).toHaveLength(1)
      for (const host of hosts) expect(host.memoryFreeBytes).toBe(host.memoryBytes)
    })

    test('runs a group: three dynos, with config vars, as the owner of /app, each with a port', async () => {
      expect(await deploy(await group(1))).toEqual({status: 'up'})
      const dynos = await up()
      expect(dynos.map(({dyno, release}) => [dyno, release])).toEqual([
        ['web.1', 1],
        ['web.2', 1],
        ['web.3', 1],
      ])
      const [one] = dynos
      expect(await fetchText(one?.address ?? '', one?.port ?? 0, '/id')).toBe('1000 1000 1000 /app')
      expect(await fetchText(one?.address ?? '', one?.port ?? 0, '/secret')).toBe("it's $ecret")
      expect(await fetchText(one?.address ?? '', one?.port ?? 0, '/write')).toContain('v1 web.1')
      expect(await engine().submit(await group(1), {fence: 1})).toBe('unchanged')
      const inspected = await pool.rig
        .host(one?.host ?? '')
        .exec('sh', '-c', 'docker inspect $(docker ps -q); docker service inspect shop_web; ps axww')
      expect(inspected).toContain('perl web.pl')
      expect(inspected).not.toContain('$ecret')
    })

    test('rolls to the next release without a failed request', async () => {
      await expect.poll(() => load.backends.length).toBe(3)
      load.take()
      expect(await deploy(await group(2))).toEqual({status: 'up'})
      await expect.poll(async () => (await up()).map(dyno => dyno.release), {timeout: 60_000}).toEqual([2, 2, 2])
      const {ok, failed, answers} = load.take()
      expect([failed, ok > 100, answers.has('v2')]).toEqual([0, true, true])
    })

    test.for<[what: string, vars: Readonly<Record<string, string>>, check: boolean, exitCode: number, lines: RegExp]>([
      ['crashes', {TEST_CRASH: '1'}, false, 3, /about to crash/],
      ['never listens', {TEST_DEAF: '1'}, false, 143, /listening to nobody/],
      ['answers 500 on its health check', {TEST_ILL: '1'}, true, 137, /Health check failed: GET \/health was answered 500/],
    ])(
      'a release that %s: says which dyno, where and how; the old one serves all the time',
      async ([, vars, check, exitCode, lines], {annotate}) => {
        load.take()
        const web = {bootMs: 8000, ...(check ? {check: {path: '/health', attempts: 2, timeoutSeconds: 2, waitSeconds: 1}} : {})}
        const bad = await group(3, vars, {web})
        const from = Date.now()
        const rollout = await deploy(bad)
        await annotate(`failed after ${Date.now() - from} ms`)
        expect(rollout).toMatchObject({
          status: 'failed',
          failure: {dyno: expect.stringMatching(/^web\.\d$/), host: expect.stringMatching(/^m\d$/), exitCode},
        })
        expect(rollout.status === 'failed' ? rollout.failure.lastLines.join('\n') : '').toMatch(lines)
        await expect.poll(async () => (await up()).map(dyno => dyno.release), {timeout: 60_000}).toEqual([2, 2, 2])
        expect((await engine().groups(app)).map(each => each.release)).toEqual([2])
        const {failed, answers} = load.take()
        expect([failed, [...answers.keys()]]).toEqual([0, ['v2']])
      },
    )

    test('two who change at once: one wins, the other is told', async () => {
      const [one, other] = [await group(4), await group(5)]
      const results = await Promise.allSettled([engine().submit(one, {fence: 4}), engine().submit(other, {fence: 5})])
      const running = (await engine().groups(app))[0]?.release
      expect(running).toBe(5)
      expect(results[1]?.status).toBe('fulfilled')
      await expect(engine().submit(one, {fence: 4})).rejects.toMatchObject({code: 'DEPLOY_CONFLICT', exitCode: 7})
      expect(await engine().watch(other, {})).toEqual({status: 'up'})
    })

    test('scales from 3 to 6 to 2 without a failed request', async () => {
      load.take()
      await engine().scale(app, 'web', 6)
      await untilUp(6, 60_000)
      await expect.poll(() => load.backends.length).toBe(6)
      await engine().scale(app, 'web', 2)
      await untilUp(2, 60_000)
      await engine().scale(app, 'web', 3)
      await untilUp(3, 60_000)
      expect(load.take().failed).toBe(0)
      await expect(engine().scale(app, 'nope', 1)).rejects.toMatchObject({code: 'UNKNOWN_TYPE', exitCode: 2})
    })

    test('a one-off dyno: its exit code, every line of both streams, once', async () => {
      const config = (await group(5)).config
      const lines: PoolLogLine[] = []
      const command = 'for i in $(seq 2000); do echo "out $i"; done; echo "err" >&2; echo "$TEST_SECRET"; printf tail; exit 7'
      const end = await engine().runOnce(
        {app, dyno: 'run.1234', release: 5, image, config, command, size, stopMs: 30_000},
        {onLine: line => lines.push(line)},
      )
      expect(end).toMatchObject({exitCode: 7, host: expect.stringMatching(/^m\d$/)})
      const out = lines.filter(line => line.stream === 'stdout').map(line => line.text)
      expect(out).toEqual([...[...Array(2000).keys()].map(index => `out ${index + 1}`), "it's $ecret", 'tail'])
      expect(lines.filter(line => line.stream === 'stderr').map(line => [line.text, line.dyno])).toEqual([['err', 'run.1234']])
      await expect.poll(async () => (await engine().dynos(app)).filter(dyno => dyno.type === 'run'), {timeout: 20_000}).toEqual([])
    })

    test('an exact argv is run without a shell; death by signal is 128 + S', async () => {
      const config = (await group(5)).config
      const run = async (dyno: string, command: string | readonly string[]) => {
        const lines: string[] = []
        const end = await engine().runOnce(
          {app, dyno, release: 5, image, config, command, size, stopMs: 30_000},
          {onLine: line => lines.push(line.text)},
        )
        return [end.exitCode, lines.join('\n')]
      }
      expect(await run('run.1', ['echo', 'a  b', '$HOME', '*'])).toEqual([0, 'a  b $HOME *'])
      expect(await run('run.2', 'kill -9 $$')).toEqual([137, ''])
    })

    test('logs of all dynos: nothing lost, from the past and followed', async () => {
      await expect.poll(() => load.backends.length).toBe(3)
      const seen: PoolLogLine[] = []
      const stop = new AbortController()
      const following = (async () => {
        for await (const line of engine().logs(app, {follow: true, since: Date.now() / 1000, signal: stop.signal})) seen.push(line)
      })()
      for (const {address, port} of load.backends) await fetchText(address, port, '/print/1000', 10_000)
      const expected = load.backends.flatMap(({dyno}) => [...Array(1000).keys()].map(index => `line ${index + 1} of ${dyno}`)).sort()
      await expect.poll(() => seen.filter(line => line.text.startsWith('line ')).length, {timeout: 30_000}).toBe(3000)
      stop.abort()
      await following
      expect(
        seen
          .filter(line => line.text.startsWith('line '))
          .map(line => line.text)
          .sort(),
      ).toEqual(expected)
      for (const line of seen.filter(each => each.text.startsWith('line '))) expect(line.text).toContain(line.dyno)
      const past: string[] = []
      for await (const line of engine().logs(app, {follow: false})) if (line.text.startsWith('line ')) past.push(line.text)
      expect(past.sort()).toEqual(expected)
    })

    test('a dyno that takes too much memory: R15, replaced, the others untouched', async () => {
      const before = await up()
      const [hog] = before
      await fetchText(hog?.address ?? '', hog?.port ?? 0, '/hog', 20_000).catch(() => {})
      await expect.poll(async () => (await up()).filter(dyno => !before.some(old => old.id === dyno.id)).length, {timeout: 30_000}).toBe(1)
      await untilUp(3, 30_000)
      const still = (await up()).filter(dyno => before.some(old => old.id === dyno.id))
      expect(still.map(dyno => dyno.dyno)).toEqual(before.slice(1).map(dyno => dyno.dyno))
      const said: PoolLogLine[] = []
      for await (const line of engine().logs(app, {follow: false})) said.push(line)
      expect(said).toContainEqual(
        expect.objectContaining({source: 'heroku', dyno: hog?.dyno, text: 'Error R15 (Memory quota vastly exceeded)'}),
      )
    })

    test('restarts new before old', async () => {
      load.take()
      const before = (await up()).map(dyno => dyno.id)
      await engine().restart(app)
      await expect.poll(async () => (await up()).filter(dyno => !before.includes(dyno.id)).length, {timeout: 60_000}).toBe(3)
      await untilUp(3, 30_000)
      expect(load.take().failed).toBe(0)
    })

    test('drains a host without a failed request, and takes it back', async () => {
      load.take()
      await engine().drain('m3')
      await expect.poll(async () => (await engine().hosts()).find(host => host.name === 'm3')?.state, {timeout: 60_000}).toBe('drained')
      await untilUp(3, 60_000)
      expect((await up()).filter(dyno => dyno.host === 'm3')).toEqual([])
      expect(load.take().failed).toBe(0)
      await engine().activate('m3')
      await expect(engine().drain('m9')).rejects.toMatchObject({code: 'UNKNOWN_HOST', exitCode: 2})
    })

    test('work for every host is done on each, and its failure told', async () => {
      const job = (name: string, script: string) => ({name, image, argv: ['bash', '-c', script], env: {MARK: 'x'}, paths: ['/var/tmp']})
      expect(await engine().runOnHosts(job('mark', 'echo "$MARK" >/var/tmp/mark'), {timeoutMs: 60_000})).toHaveLength(3)
      for (const host of pool.rig.hosts) expect(await host.exec('cat', '/var/tmp/mark')).toBe('x\n')
      const results = await engine().runOnHosts(job('fail', 'echo no space left; exit 9'), {timeoutMs: 60_000})
      expect(results.map(result => result.isDone)).toEqual([false, false, false])
      expect(results[0]?.message).toMatch(/no space left.*9/)
    })

    test('what it is asked to remove is gone, config vars too', async () => {
      await engine().submit(await group(6, {}, {type: 'worker', command: 'sleep 600', quantity: 1}), {fence: 6})
      await engine().remove(app, 'worker')
      expect((await engine().groups(app)).map(each => each.type)).toEqual(['web'])
      await engine().remove(app)
      expect(await engine().groups(app)).toEqual([])
      expect(await pool.rig.host('m1').exec('docker', 'secret', 'ls', '-q')).toBe('')
    })
  })
}
