import {afterAll, beforeAll, describe, expect, onTestFinished, test} from 'vitest'
import {deployStepNames} from '../../src/model/deploy-plan.ts'
import type {Host, PoolDyno} from '../../src/model/pool.ts'
import {EdgeLoad} from '../support/rig/edge-load.ts'
import {fetchText} from '../support/rig/load.ts'
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
type Known = readonly {readonly version: number; readonly status: string; readonly current: boolean}[]
const releases = () => pool.json<Known>('releases', ...onPool())

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
    ['never listens', {'web.pl': '$| = 1; print "deaf\\n"; sleep 600'}, 7, /deaf[\s\S]*Error R10 \(Boot timeout\)/],
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
  ])('%s: the old one serves all the time', async ([what, files, code, said], {annotate}) => {
    load.take()
    const bad = await pool.importSlug(`bad-${what.slice(0, 3)}`, files)
    // Of the 60 s for a boot remain 9.
    const result = await pool.runAfter(/^-----> back/m, ['deploy', ...onPool(), '--slug', bad], {HOMEPORT_TIME_SCALE: '0.15'})
    await annotate(`${result.afterMs} ms after the failure was known`)
    expect([result.code, result.stderr]).toEqual([code, expect.stringMatching(said)])
    expect(load.take().failures).toEqual([])
    const serving = (await releases()).find(({current}) => current)?.version
    expect([serving, (await dynosUp()).map(dyno => dyno.release)]).toEqual([2, [2, 2, 2]])
  })
})

test('a slug for other machines is refused before anything is sent', async () => {
  const elf = Buffer.alloc(64)
  elf.write('\x7fELF\x02\x01\x01', 'latin1')
  elf.writeUInt16LE(2, 16)
  elf.writeUInt16LE(183, 18)
  elf.writeUInt32LE(1, 20)
  elf.writeUInt16LE(64, 52)
  const arm = await pool.importSlug('arm', {'bin/tool': elf})
  const {code, stderr} = await pool.run('deploy', ...onPool(), '--slug', arm)
  expect([code, stderr]).toEqual([7, expect.stringMatching(/arch arm64, the pool has x64.*Nothing was uploaded/s)])
  expect(stderr).not.toContain('upload:')
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
  const args = ['deploy', ...onPool('killed'), '--slug', next]
  expect(await pool.killAt(stderr => stderr.includes(`-----> ${step}`), ...args)).toBe(true)
  await pool.json(...args)
  const known = await pool.json<Known>('releases', ...onPool('killed'))
  expect(known.filter(({status}) => status === 'pending')).toEqual([])
  expect(known.filter(({current}) => current).map(({status, version}) => [status, version])).toEqual([['succeeded', known[0]?.version]])
  const up = (await pool.json<readonly PoolDyno[]>('ps', ...onPool('killed'))).filter(({state}) => state === 'up')
  expect(up.map(dyno => dyno.release)).toEqual([known[0]?.version])
})

test('scaled from 3 to 6 to 2 dynos without a failed request', async ({annotate}) => {
  await pool.json('ps:scale', 'web=0', ...onPool('killed'))
  load.take()
  const times: number[] = []
  for (const quantity of [6, 2, 3]) {
    expect(await pool.json('ps:scale', `web=${quantity}`, ...onPool())).toMatchObject({web: quantity})
    times.push(await untilUp(quantity, 60_000))
  }
  await annotate(`6, 2 and 3 dynos after ${times.join(', ')} ms`)
  expect(load.take().failures).toEqual([])
})

test('a one-off dyno gives its exit code and output', async () => {
  const {code, stdout} = await pool.run('run', ...onPool(), '--', 'echo "of $DYNO"; exit 7')
  expect([code, stdout]).toEqual([7, expect.stringMatching(/of run\.\d{4}/)])
})

test('logs of all dynos, followed: no line lost; one that takes too much memory says R15 and is replaced, the others untouched', async ({
  annotate,
}) => {
  const before = await dynosUp()
  const following = pool.spawn(['logs', '--tail', ...onPool(), '--json'])
  onTestFinished(() => void following.kill('SIGKILL'))
  let text = ''
  following.stdout.on('data', chunk => {
    text += chunk
  })
  const direct = (dyno: PoolDyno | undefined, path: string) => fetchText(dyno?.address ?? '', dyno?.port ?? 0, path, 20_000)
  await expect.poll(() => text, {timeout: 20_000}).toContain('booting')
  for (const dyno of before) await direct(dyno, '/print/1000')
  const lines = () =>
    text
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line) as {text: string; dyno: string; source: string})
  const printed = () => lines().filter(line => line.text.startsWith('line '))
  const expected = before.flatMap(({dyno}) => [...Array(1000).keys()].map(index => `line ${index + 1} of ${dyno}`)).sort()
  await expect.poll(() => printed().length, {timeout: 30_000}).toBe(3000)
  expect(
    printed()
      .map(line => line.text)
      .sort(),
  ).toEqual(expected)

  const [hog] = before
  const from = Date.now()
  await direct(hog, '/hog').catch(() => {})
  await expect
    .poll(
      () =>
        lines()
          .filter(line => line.source === 'heroku' && line.dyno === hog?.dyno)
          .map(line => line.text),
      {timeout: 30_000},
    )
    .toContain('Error R15 (Memory quota vastly exceeded)')
  await untilUp(3, 60_000)
  await annotate(`replaced after ${Date.now() - from} ms`)
  const after = (await dynosUp()).map(({id}) => id)
  expect(before.filter(({id}) => after.includes(id)).map(({dyno}) => dyno)).toEqual(before.slice(1).map(({dyno}) => dyno))
})

test('a host is drained and taken back without a failed request', async ({annotate}) => {
  const victim = (await hosts()).find(host => !host.isLeader)
  const now = async () => (await hosts()).find(({id}) => id === victim?.id)
  load.take()
  const from = Date.now()
  await pool.json('pool:drain', 'demo', victim?.name ?? '')
  await expect.poll(async () => (await now())?.state, {timeout: 60_000, interval: 500}).toBe('drained')
  await untilUp(3, 60_000)
  await annotate(`${Date.now() - from} ms`)
  expect((await now())?.dynos).toBe(0)
  expect(load.take().failures).toEqual([])
  await pool.json('pool:drain', 'demo', victim?.name ?? '', '--undo')
  expect((await now())?.state).toBe('ready')
})

test('a host more, and a host less, without a failed request', async ({annotate}) => {
  load.take()
  const from = Date.now()
  expect(await pool.json('pool:scale', 'demo', '--size', '4')).toEqual({pool: 'demo', size: 4})
  expect((await hosts()).map(({state, isManager}) => [state, isManager]).sort()).toEqual([
    ['ready', false],
    ['ready', true],
    ['ready', true],
    ['ready', true],
  ])
  await annotate(`a host joined within ${Date.now() - from} ms`)
  expect((await pool.run('pool:create', 'demo', '--size', '3', '--host-image', 'ami-12c6146b', '--yes')).stderr).toContain(
    'The pool demo has 4 hosts already',
  )
  await pool.json('pool:scale', 'demo', '--size', '3')
  expect(await hosts()).toHaveLength(3)
  expect(load.take().failures).toEqual([])
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
