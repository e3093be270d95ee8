import {expect, test} from 'vitest'
import {Lease, type LeaseOptions} from '../../../src/engines/pool/lease.ts'
import {MemoryBucket} from '../../support/memory-bucket.ts'

const ann = {user: 'ann', machine: 'm1', pid: 1}
const bob = {user: 'bob', machine: 'm2', pid: 2}

function options(bucket: MemoryBucket, more: Partial<LeaseOptions> = {}): LeaseOptions {
  return {bucket, app: 'shop', deployer: ann, leaseMs: 60_000, isWaiting: false, isAlive: () => true, ...more}
}

test('one has it, the other is told by whom; it is free again afterwards', async () => {
  const bucket = new MemoryBucket()
  {
    await using _lease = await Lease.take(options(bucket))
    await expect(Lease.take(options(bucket, {deployer: bob}))).rejects.toMatchObject({
      code: 'DEPLOY_CONFLICT',
      exitCode: 7,
      message: expect.stringContaining('ann (process 1 on m1)'),
    })
  }
  await using _lease = await Lease.take(options(bucket, {deployer: bob}))
})

test('of many at once exactly one gets it', async () => {
  const bucket = new MemoryBucket()
  const results = await Promise.allSettled([...Array(10).keys()].map(pid => Lease.take(options(bucket, {deployer: {...bob, pid}}))))
  const won = results.filter(result => result.status === 'fulfilled')
  expect(won).toHaveLength(1)
  await won[0]?.value[Symbol.asyncDispose]()
})

test('of a deployer that died on this machine it is free at once, of another when its time is over', async () => {
  const bucket = new MemoryBucket()
  await using _dead = await Lease.take(options(bucket))
  await expect(Lease.take(options(bucket, {deployer: bob, isAlive: () => false}))).rejects.toThrow('ann')
  await using _late = await Lease.take(options(bucket, {deployer: bob, now: () => Date.now() + 61_000}))
})

test('a rerun on the machine of the dead one takes over', async () => {
  const bucket = new MemoryBucket()
  await using dead = await Lease.take(options(bucket, {leaseMs: 300}))
  await using _again = await Lease.take(options(bucket, {deployer: {...ann, pid: 9}, isAlive: () => false}))
  await expect.poll(() => dead.lost.aborted, {timeout: 5000}).toBe(true)
})

test('it is held as long as it is renewed, and who waits gets it then', async () => {
  const bucket = new MemoryBucket()
  const lease = await Lease.take(options(bucket, {leaseMs: 150}))
  const order: string[] = []
  const waiting = Lease.take(options(bucket, {deployer: bob, leaseMs: 150, isWaiting: true})).then(taken => {
    order.push('bob')
    return taken
  })
  const seen = new Set<string>()
  await expect
    .poll(() => seen.add(bucket.objects.get('apps/shop/lease.json')?.tag ?? '').size, {timeout: 5000, interval: 20})
    .toBeGreaterThan(4)
  order.push('ann is done')
  await lease[Symbol.asyncDispose]()
  await using _taken = await waiting
  expect(order).toEqual(['ann is done', 'bob'])
})
