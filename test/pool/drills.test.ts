import {afterAll, beforeAll, describe, expect, test} from 'vitest'
import {deployStepNames} from '../../src/model/deploy-plan.ts'
import type {Host, PoolDyno} from '../../src/model/pool.ts'
import {EdgeLoad} from '../support/rig/edge-load.ts'
import {webProgram} from '../support/rig/make-slug.ts'
import {onPool, TestPool} from '../support/rig/test-pool.ts'

let pool: TestPool
let load: EdgeLoad
let slug = ''

beforeAll(async () => {
  pool = await TestPool.open()
  await pool.create()
  slug = await pool.importSlug('good')
  await pool.json('deploy', ...onPool(), '--slug', slug, '--formation', 'web=3')
  load = new EdgeLoad('shop', () => pool.addresses)
}, 600_000)

afterAll(async () => {
  await load?.[Symbol.asyncDispose]()
  await pool?.[Symbol.asyncDispose]()
})

const dynosUp = async () =>
  (await pool.json<readonly PoolDyno[]>('ps', ...onPool())).filter(dyno => dyno.state === 'up' && dyno.type === 'web')
const hosts = () => pool.json<readonly Host[]>('pool:hosts', 'demo')
const releases = () => pool.json<readonly {version: number; status: string; current: boolean}[]>('releases', ...onPool())

/** Waits for so many dynos on hosts that are up; gives how long it took. */
async function untilUp(count: number, timeout: number): Promise<number> {
  const from = Date.now()
  await expect.poll(async () => (await dynosUp().catch(() => [])).length, {timeout, interval: 500}).toBe(count)
  return Date.now() - from
}

const machineOf = (host: Host | undefined) => pool.ec2.hostOf(host?.address ?? '')

test('a release rolls over without a failed request', async ({annotate}) => {
  load.take()
  await pool.json('deploy', ...onPool(), '--slug', slug)
  const {ok, failures, retried} = load.take()
  await annotate(`${ok} requests, ${retried} retried`)
  expect([failures, ok > 100]).toEqual([[], true])
})

describe('a release that', () => {
  test.for<[what: string, files: Readonly<Record<string, string>>, code: number, said: RegExp]>([
    ['crashes', {'web.pl': 'print "broken\\n"; exit 3'}, 7, /broken[\s\S]*ended with exit code 3/],
    [
      'answers 500 on its health check',
      {
        'web.pl': webProgram.replace('$ENV{TEST_ILL}', '1'),
        'app.json': '{"healthchecks": {"web": [{"type": "startup", "path": "/health", "attempts": 2}]}}',
      },
      7,
      /GET \/health was answered 500/,
    ],
    [
      'fails in its release command',
      {Procfile: 'release: echo no; exit 9\nweb: perl web.pl\n'},
      6,
      /release command of v\d+ ended with exit code 9/,
    ],
  ])('%s: the old one serves all the time', async ([what, files, code, said]) => {
    load.take()
    const bad = await pool.importSlug(`bad-${what.slice(0, 3)}`, files)
    const result = await pool.run('deploy', ...onPool(), '--slug', bad)
    expect([result.code, result.stderr]).toEqual([code, expect.stringMatching(said)])
    expect(load.take().failures).toEqual([])
    const serving = (await releases()).find(({current}) => current)?.version
    expect([serving, (await dynosUp()).map(dyno => dyno.release)]).toEqual([2, [2, 2, 2]])
  })
})

test('two deployers at once: exactly one wins, the other is told by whom', async () => {
  const results = await Promise.all([pool.run('deploy', ...onPool(), '--slug', slug), pool.run('deploy', ...onPool(), '--slug', slug)])
  expect(results.map(({code}) => code).sort()).toEqual([0, 7])
  expect(results.find(({code}) => code === 7)?.stderr).toMatch(/is changing shop now/)
})

test.for([...deployStepNames])('a deployer killed at the step %s, and run again, ends right', async step => {
  const next = await pool.importSlug(`kill-${step}`, {
    'web.pl': `${webProgram}# ${step}\n`,
    Procfile: 'release: echo migrated\nweb: perl web.pl\n',
  })
  const args = ['deploy', ...onPool(), '--slug', next]
  expect(await pool.killAt(stderr => stderr.includes(`-----> ${step}`), ...args)).toBe(true)
  await pool.json(...args)
  const known = await releases()
  expect(known.filter(({status}) => status === 'pending')).toEqual([])
  expect(known.filter(({current}) => current).map(({status, version}) => [status, version])).toEqual([['succeeded', known[0]?.version]])
  expect((await dynosUp()).map(dyno => dyno.release)).toEqual([1, 2, 3].map(() => known[0]?.version))
})

test('a host loses its power: full count again, nobody types anything', async ({annotate}) => {
  await untilUp(3, 60_000)
  const victim = (await hosts()).find(host => !host.isLeader)
  load.take()
  await machineOf(victim).powerOff()
  await expect.poll(async () => (await hosts()).find(({id}) => id === victim?.id)?.state, {timeout: 60_000, interval: 500}).toBe('down')
  await annotate(`${await untilUp(3, 120_000)} ms after it was noticed`)
  expect(load.take().failures).toEqual([])
  await machineOf(victim).boot()
  await expect.poll(async () => (await hosts()).every(host => host.state === 'ready'), {timeout: 120_000, interval: 1000}).toBe(true)
})

test('the leader loses its power', async ({annotate}) => {
  const victim = (await hosts()).find(host => host.isLeader)
  load.take()
  const from = Date.now()
  await machineOf(victim).powerOff()
  await expect
    .poll(async () => (await hosts().catch(() => [])).some(host => host.isLeader && host.id !== victim?.id), {
      timeout: 120_000,
      interval: 500,
    })
    .toBe(true)
  await expect
    .poll(async () => (await hosts().catch(() => [])).find(({id}) => id === victim?.id)?.state, {timeout: 120_000, interval: 500})
    .toBe('down')
  await untilUp(3, 120_000)
  await annotate(`${Date.now() - from} ms`)
  expect(load.take().failures).toEqual([])
  await machineOf(victim).boot()
  await expect.poll(async () => (await hosts()).every(host => host.state === 'ready'), {timeout: 120_000, interval: 1000}).toBe(true)
})

test('a host is cut off: service goes on, and one of each after healing', async () => {
  await untilUp(3, 60_000)
  const victim = (await hosts()).find(host => !host.isLeader)
  load.take()
  await machineOf(victim).cut()
  await expect
    .poll(async () => (await hosts().catch(() => [])).find(({id}) => id === victim?.id)?.state, {timeout: 60_000, interval: 500})
    .toBe('down')
  await untilUp(3, 120_000)
  expect(load.take().failures).toEqual([])
  await machineOf(victim).heal()
  await expect.poll(async () => (await hosts()).every(host => host.state === 'ready'), {timeout: 120_000, interval: 1000}).toBe(true)
  const containers = async () =>
    (await Promise.all([...pool.ec2.machines.values()].map(({host}) => host.exec('docker', 'ps', '-qf', 'label=homeport.type=web'))))
      .join('')
      .trim()
      .split('\n').length
  await expect.poll(containers, {timeout: 60_000, interval: 1000}).toBe(3)
})

test('all hosts lose their power at once and come back: it serves again by itself', async ({annotate}) => {
  const machines = [...pool.ec2.machines.values()].map(({host}) => host)
  await Promise.all(machines.map(host => host.powerOff()))
  const from = Date.now()
  await Promise.all(machines.map(host => host.boot()))
  await untilUp(3, 180_000)
  await annotate(`${Date.now() - from} ms`)
  load.take()
  await expect.poll(() => load.take().ok, {timeout: 60_000, interval: 1000}).toBeGreaterThan(20)
})
