import {createHash} from 'node:crypto'
import {writeFile} from 'node:fs/promises'
import {describe, expect, test} from 'vitest'
import {Ledger} from '../../../src/engines/pool/ledger.ts'
import {HomeportError} from '../../../src/model/error.ts'
import {releaseOnPool} from '../../../src/platform/pool/release-on-pool.ts'
import type {ReleaseWish} from '../../../src/platform/pool/release-wish.ts'
import {contextOf, type TestPool, testPool} from '../../support/pool-context.ts'

const types = [
  ['release', 'migrate'],
  ['web', 'node web.js'],
  ['worker', 'node worker.js'],
] as const

function wish(content: string, more: Partial<ReleaseWish> = {}): ReleaseWish {
  const slug = `sha256:${createHash('sha256').update(content).digest('hex')}`
  return {
    app: 'shop',
    description: `Deploy ${content}`,
    slug: {slug, stack: 'heroku-24', processTypes: types},
    writeTar: file => writeFile(file, content),
    formation: new Map([['worker', 2]]),
    isWaiting: false,
    ...more,
  }
}

const failing = {
  status: 'failed',
  failure: {dyno: 'web.2', host: 'h2', exitCode: 3, message: 'non-zero exit', lastLines: ['one', 'two']},
} as const

const state = async ({bucket, engine}: TestPool) => {
  const ledger = new Ledger(bucket, 'shop')
  return {
    releases: (await ledger.records()).map(({release, outcome}) => `v${release.version} ${outcome?.status ?? 'pending'}`),
    current: await ledger.current(),
    running: [...engine.running.values()].map(group => `${group.type}=${group.quantity} v${group.release}`).sort(),
  }
}

test('the first release: uploaded, on every host, its command once, worker before web, current', async () => {
  const pool = testPool()
  const calls: string[] = []
  pool.engine.onCall = name => calls.push(name)
  const {release, uploadedBytes} = await releaseOnPool(wish('one'), contextOf(pool))
  expect(release.version).toBe(1)
  expect(uploadedBytes).toBeGreaterThan(0)
  expect(await state(pool)).toEqual({releases: ['v1 succeeded'], current: 1, running: ['web=1 v1', 'worker=2 v1']})
  const order = ['hosts', 'runOnHosts', 'runOnce', 'submit worker', 'submit web', 'watch web']
  expect(calls.filter(call => order.includes(call))).toEqual(order)
  expect(pool.engine.jobs[0]?.argv.slice(-1)).toEqual([release.slug])
})

test('the same slug again sends nothing; quantities stay as they are', async () => {
  const pool = testPool()
  await releaseOnPool(wish('one'), contextOf(pool))
  await pool.engine.scale('shop', 'web', 4)
  const again = await releaseOnPool(wish('one', {formation: new Map()}), contextOf(pool))
  expect(again.uploadedBytes).toBe(0)
  expect((await state(pool)).running).toEqual(['web=4 v2', 'worker=2 v2'])
})

test('a type that the new slug lacks leaves, after the switch', async () => {
  const pool = testPool()
  await releaseOnPool(wish('one'), contextOf(pool))
  const slug = {...wish('two').slug, processTypes: [['web', 'x']] as const}
  await releaseOnPool(wish('two', {slug}), contextOf(pool))
  expect((await state(pool)).running).toEqual(['web=1 v2'])
})

test('config vars: changed by a release, kept by the next, not written anew when they are the same', async () => {
  const pool = testPool()
  await releaseOnPool(wish('one'), contextOf(pool))
  await releaseOnPool(wish('one', {description: 'Set A config vars', config: () => new Map([['A', 'geheim']])}), contextOf(pool))
  await releaseOnPool(wish('two'), contextOf(pool))
  const [, set, kept] = await new Ledger(pool.bucket, 'shop').records()
  expect(kept?.release.config).toBe(set?.release.config)
  expect(pool.engine.configs.get(`shop ${kept?.release.config}`)?.get('A')).toBe('geheim')
  expect([...pool.bucket.objects].filter(([key, {bytes}]) => `${key} ${bytes}`.includes('geheim'))).toEqual([])
})

describe('a failure', () => {
  test('of the rollout: everything goes back, exit 7, the reason with the last lines', async () => {
    const pool = testPool()
    await releaseOnPool(wish('one'), contextOf(pool))
    pool.engine.behaviour = group => (group.release === 2 && group.type === 'web' ? failing : {status: 'up'})
    await expect(releaseOnPool(wish('two'), contextOf(pool))).rejects.toMatchObject({
      code: 'DEPLOY_ROLLED_BACK',
      exitCode: 7,
      message: 'Release v2 did not come up: web.2 on h2 ended with exit code 3 (non-zero exit). Everything went back: v1 serves as before.',
    })
    expect(await state(pool)).toEqual({releases: ['v1 succeeded', 'v2 rolled_back'], current: 1, running: ['web=1 v1', 'worker=2 v1']})
    expect(pool.events.find(event => event.type === 'output' && event.lines.toString() === 'one\ntwo\n')).toBeDefined()
    expect(await pool.bucket.list('audit/')).toHaveLength(2)
  })

  test('of the first rollout: nothing is left running', async () => {
    const pool = testPool()
    pool.engine.behaviour = () => failing
    await expect(releaseOnPool(wish('one'), contextOf(pool))).rejects.toMatchObject({exitCode: 7})
    expect(await state(pool)).toEqual({releases: ['v1 rolled_back'], current: undefined, running: []})
  })

  test('of the release command: exit 6, nothing was submitted', async () => {
    const pool = testPool()
    await releaseOnPool(wish('one'), contextOf(pool))
    pool.engine.oneOffEnd = {exitCode: 9, host: 'h2', message: 'non-zero'}
    await expect(releaseOnPool(wish('two'), contextOf(pool))).rejects.toMatchObject({code: 'RELEASE_FAILED', exitCode: 6})
    expect(await state(pool)).toEqual({releases: ['v1 succeeded', 'v2 failed'], current: 1, running: ['web=1 v1', 'worker=2 v1']})
  })

  test('of a host that gets no slug: exit 7, names it', async () => {
    const pool = testPool()
    pool.engine.jobResults = [
      {host: 'h1', isDone: true, message: ''},
      {host: 'h2', isDone: false, message: 'no space left on device'},
    ]
    await expect(releaseOnPool(wish('one'), contextOf(pool))).rejects.toMatchObject({
      exitCode: 7,
      message: expect.stringContaining('1 of 2 hosts (h2: no space left on device)'),
    })
    expect((await state(pool)).running).toEqual([])
  })

  test('no quorum: refused before anything is written', async () => {
    const pool = testPool()
    pool.engine.hostList = pool.engine.hostList.map((host, index) => ({...host, state: index === 0 ? 'ready' : 'down'}))
    await expect(releaseOnPool(wish('one'), contextOf(pool))).rejects.toMatchObject({code: 'QUORUM_LOST', exitCode: 7})
    expect(pool.bucket.objects.size).toBe(0)
  })
})

test('two deployers at once: exactly one wins, the other is told by whom', async () => {
  const pool = testPool()
  const bob = {deployer: {user: 'bob', machine: 'm2', pid: 7}}
  const results = await Promise.allSettled([releaseOnPool(wish('one'), contextOf(pool)), releaseOnPool(wish('two'), contextOf(pool, bob))])
  expect(results.map(result => result.status).sort()).toEqual(['fulfilled', 'rejected'])
  const lost = results.find(result => result.status === 'rejected')
  expect(lost?.reason).toMatchObject({
    code: 'DEPLOY_CONFLICT',
    exitCode: 7,
    message: expect.stringMatching(/(ann|bob) \(process \d+ on m\d\) is changing shop now/),
  })
  expect((await state(pool)).releases).toEqual(['v1 succeeded'])
})

test('who waits comes after', async () => {
  const pool = testPool()
  const bob = {deployer: {user: 'bob', machine: 'm2', pid: 7}}
  await Promise.all([releaseOnPool(wish('one'), contextOf(pool)), releaseOnPool(wish('two', {isWaiting: true}), contextOf(pool, bob))])
  expect((await state(pool)).current).toBe(2)
})

/** Kills the deployer at its `nth` call to bucket or engine: from then on nothing of it gets through. */
function killAt(pool: TestPool, nth: number): {readonly calls: () => number} {
  let calls = 0
  const count = () => {
    if (++calls >= nth) throw new Error('killed')
  }
  pool.bucket.onWrite = count
  pool.engine.onCall = count
  return {calls: () => calls}
}

/** Before the call it was killed at, or after it took effect. */
test.for(['first', 'second'] as const)(
  'a deployer killed at each of its calls during the %s release, and run again, ends right',
  async which => {
    const before = async () => {
      const pool = testPool()
      if (which === 'second') await releaseOnPool(wish('one'), contextOf(pool))
      return pool
    }
    const counted = await before()
    const {calls} = killAt(counted, Number.POSITIVE_INFINITY)
    await releaseOnPool(wish('two'), contextOf(counted))
    const expected = await state(counted)
    expect(calls()).toBeGreaterThan(20)
    // The very last call gives the lease back, which a dead deployer need not do.
    for (let nth = 1; nth < calls(); nth++) {
      const pool = await before()
      killAt(pool, nth)
      // What a killed process would not do is not done here either: nothing of it gets through any more.
      await expect(releaseOnPool(wish('two'), contextOf(pool, {deployer: {user: 'ann', machine: 'm1', pid: 99_999_999}}))).rejects.toThrow(
        'killed',
      )
      pool.bucket.onWrite = () => {}
      pool.engine.onCall = () => {}
      await releaseOnPool(wish('two'), contextOf(pool))
      expect([nth, await state(pool)]).toEqual([nth, expected])
      expect([nth, pool.engine.oneOffs.filter(dyno => dyno.dyno === `release.${expected.current}`).length]).toEqual([nth, 1])
    }
  },
)

test('a deployer killed, and another release deployed instead: the abandoned one is told to have failed', async () => {
  const pool = testPool()
  pool.engine.onCall = name => {
    if (name === 'submit web') throw new Error('killed')
  }
  await expect(releaseOnPool(wish('one'), contextOf(pool, {deployer: {user: 'ann', machine: 'm1', pid: 99_999_999}}))).rejects.toThrow(
    'killed',
  )
  pool.engine.onCall = () => {}
  await releaseOnPool(wish('two'), contextOf(pool))
  expect(await state(pool)).toEqual({releases: ['v1 failed', 'v2 succeeded'], current: 2, running: ['web=1 v2', 'worker=2 v2']})
})

test('the network gone in the middle of each step: exit 7, the old release serves, and the same command goes on', async () => {
  const gone = (pool: TestPool, nth: number) => {
    let calls = 0
    const count = () => {
      if (++calls >= nth) throw new HomeportError('POOL_UNREACHABLE', 'AWS cannot be reached.')
    }
    pool.bucket.onWrite = count
    pool.engine.onCall = count
    return () => calls
  }
  const before = async () => {
    const pool = testPool()
    await releaseOnPool(wish('one'), contextOf(pool))
    return pool
  }
  const counted = await before()
  const calls = gone(counted, Number.POSITIVE_INFINITY)
  await releaseOnPool(wish('two'), contextOf(counted))
  const expected = await state(counted)
  for (let nth = 1; nth < calls(); nth++) {
    const pool = await before()
    gone(pool, nth)
    await expect(releaseOnPool(wish('two'), contextOf(pool))).rejects.toMatchObject({code: 'POOL_UNREACHABLE', exitCode: 7})
    // What the pool has was not taken away by who could not reach it.
    expect([nth, [...pool.engine.running.keys()].sort()]).toEqual([nth, ['shop web', 'shop worker']])
    pool.bucket.onWrite = () => {}
    pool.engine.onCall = () => {}
    await releaseOnPool(wish('two', {isWaiting: true}), contextOf(pool, {deployer: {user: 'ann', machine: 'm1', pid: 99_999_999}}))
    expect([nth, await state(pool)]).toEqual([nth, expected])
  }
})
