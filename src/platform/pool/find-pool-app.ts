import {type Ledger, listApps} from '../../engines/pool/ledger.ts'
import {HomeportError} from '../../model/error.ts'
import type {Release, ReleaseRecord} from '../../model/release.ts'
import {ledgerOf, type PoolContext} from './pool-context.ts'

export type PoolApp = {
  readonly ledger: Ledger
  readonly records: readonly ReleaseRecord[]
  readonly current: number | undefined
  /** The release that serves. */
  readonly serving: Release | undefined
}

/** An app of a pool with its releases. Rejects with UNKNOWN_APP when nothing was ever released under that name. */
export async function findPoolApp(context: Pick<PoolContext, 'bucket' | 'pool'>, app: string): Promise<PoolApp> {
  const ledger = ledgerOf(context, app)
  const [records, current] = await Promise.all([ledger.records(), ledger.current()])
  if (records.length === 0) {
    const apps = await listApps(context.bucket)
    throw new HomeportError('UNKNOWN_APP', `The pool ${context.pool.name} has no app “${app}”.`, {
      hint: apps.length === 0 ? 'It has none yet: `homeport deploy --target ec2`.' : `It has ${apps.join(', ')}.`,
    })
  }
  return {ledger, records, current, serving: records.find(({release}) => release.version === current)?.release}
}

/** The release that serves; rejects with TARGET_FAILED when none ever came up. */
export function servingRelease({serving}: PoolApp, app: string): Release {
  if (serving !== undefined) return serving
  throw new HomeportError('TARGET_FAILED', `No release of ${app} serves yet.`, {hint: 'Deploy it with `homeport deploy --target ec2`.'})
}
