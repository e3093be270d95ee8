import type {PlatformEvent} from '../../src/model/event.ts'
import {platformLimits} from '../../src/model/limits.ts'
import type {PoolContext} from '../../src/platform/pool/pool-context.ts'
import {localKeys} from './local-keys.ts'
import {MemoryBucket} from './memory-bucket.ts'
import {MemoryEngine} from './memory-engine.ts'
import {stack} from './pool-values.ts'

export type TestPool = {
  readonly bucket: MemoryBucket
  readonly engine: MemoryEngine
  readonly keys: ReturnType<typeof localKeys>
  readonly events: PlatformEvent[]
}

export function testPool(): TestPool {
  return {bucket: new MemoryBucket(), engine: new MemoryEngine(), keys: localKeys(), events: []}
}

export function contextOf({bucket, engine, keys, events}: TestPool, more: Partial<PoolContext> = {}): PoolContext {
  return {
    pool: {name: 'demo', region: 'us-east-1', instanceType: 't3a.small', size: 3, stack},
    bucket,
    engine,
    keys,
    hostWork: {
      fetchSlugs: slugs => ({name: 'fetch', image: 'stack', argv: ['homeport', 'pool:host', 'fetch', ...slugs], env: {}, paths: []}),
    },
    deployer: {user: 'ann', machine: 'm1', pid: process.pid},
    isAlive: () => false,
    limits: platformLimits(0.001),
    emit: event => events.push(event),
    ...more,
  }
}
