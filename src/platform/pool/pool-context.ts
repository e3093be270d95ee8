import type {KeyService} from '../../engines/pool/config-store.ts'
import {ConfigStore} from '../../engines/pool/config-store.ts'
import type {HostJob, PoolEngine} from '../../engines/pool/engine.ts'
import type {Deployer} from '../../engines/pool/lease.ts'
import {Lease} from '../../engines/pool/lease.ts'
import {Ledger} from '../../engines/pool/ledger.ts'
import type {Bucket} from '../../lib/bucket.ts'
import {type Emit, now, type StepEvent} from '../../model/event.ts'
import type {Limits} from '../../model/limits.ts'
import type {Pool} from '../../model/pool.ts'

/** What our own program does on the hosts of a pool, as jobs for its engine. */
export type HostWork = {
  /** Fetches slugs, checks them, makes their images, and lets go of those that are not named. */
  fetchSlugs(slugs: readonly string[]): HostJob
}

/** An open pool: what is known of it, its bucket, its keys, its engine. There is no server of ours. */
export type PoolContext = {
  readonly pool: Pool
  readonly bucket: Bucket
  readonly keys: KeyService
  readonly engine: PoolEngine
  readonly hostWork: HostWork
  readonly deployer: Deployer
  readonly isAlive: (pid: number) => boolean
  readonly limits: Limits
  readonly emit: Emit
  readonly signal?: AbortSignal
}

/** How long a deployer that gives no sign of life keeps others from an app. */
const leaseMs = 60_000

export function ledgerOf({bucket}: Pick<PoolContext, 'bucket'>, app: string): Ledger {
  return new Ledger(bucket, app)
}

export function configStoreOf({bucket, keys, pool}: Pick<PoolContext, 'bucket' | 'keys' | 'pool'>, app: string): ConfigStore {
  return new ConfigStore({bucket, keys, pool: pool.name, app})
}

/** Rejects with DEPLOY_CONFLICT when somebody else changes the app, unless `isWaiting`. */
export async function leaseOf(context: PoolContext, app: string, {isWaiting}: {readonly isWaiting: boolean}): Promise<Lease> {
  const {bucket, deployer, isAlive, signal} = context
  return await Lease.take({bucket, app, deployer, isAlive, isWaiting, leaseMs, ...(signal === undefined ? {} : {signal})})
}

/** Does one step and tells of it. */
export async function tellStep<T>(emit: Emit, name: string, detail: string, action: () => Promise<T>): Promise<T> {
  const tell = (status: StepEvent['status'], text: string) => emit({type: 'step', time: now(), name, status, detail: text})
  tell('started', detail)
  try {
    const result = await action()
    tell('done', detail)
    return result
  } catch (error) {
    tell('failed', detail)
    throw error
  }
}
