import type {DynoGroup} from '../../model/dyno-group.ts'
import type {Release} from '../../model/release.ts'
import {prefetch, runReleaseCommand, submit, watch} from './bring-up-release.ts'
import {giveUp, prune, switchOver, tellRelease} from './end-release.ts'
import {configStoreOf, leaseOf, ledgerOf, type PoolContext, tellStep} from './pool-context.ts'
import {closeAbandoned, commit, preflight, upload} from './prepare-release.ts'
import {groupsOf} from './release-groups.ts'
import type {ReleaseWish} from './release-wish.ts'

export type PoolRelease = {
  readonly release: Release
  readonly uploadedBytes: number
  readonly hosts: number
  readonly groups: readonly DynoGroup[]
}

/**
 * The nine steps of a release on a pool (findings 9.4). Killed at any of them and called again with the same wish it goes on from
 * what bucket and engine say, and ends right. Until the last dyno of the new release is up the old one serves; at the first
 * failure everything goes back. Rejects with QUORUM_LOST, DEPLOY_CONFLICT, RELEASE_FAILED, DEPLOY_ROLLED_BACK, TARGET_FAILED.
 */
export async function releaseOnPool(wish: ReleaseWish, context: PoolContext): Promise<PoolRelease> {
  const {app, isWaiting} = wish
  const {engine, emit} = context
  const ledger = ledgerOf(context, app)
  const hosts = await tellStep(emit, 'preflight', `${context.pool.name}: hosts and quorum`, () => preflight(context))
  await using lease = await leaseOf(context, app, {isWaiting})
  const records = await ledger.records()
  const current = await ledger.current()
  const uploadedBytes = await upload(wish, context, records)
  const {release} = await tellStep(emit, 'commit', wish.description, () => commit(wish, context, {ledger, records, current}))
  await closeAbandoned(ledger, records, {current, version: release.version})
  tellRelease(context, release, 'pending')
  const groups = await groupsOf(release, context, {ledger, formation: wish.formation})
  const end = {ledger, release, current, records, app}
  try {
    await tellStep(emit, 'prefetch', `slug on ${hosts} hosts`, () => prefetch(context, release, records, current))
    await engine.storeConfig(app, release.config, await configStoreOf(context, app).read(release.config))
    await runReleaseCommand(release, context, {ledger, app})
    lease.lost.throwIfAborted()
    await tellStep(emit, 'submit', groups.map(({type, quantity}) => `${type}=${quantity}`).join(' '), () => submit(context, groups, end))
    await tellStep(emit, 'watch', 'until every dyno is up', () => watch(context, groups, end))
  } catch (error) {
    await giveUp(error, context, {...end, lease: lease.lost})
    throw error
  }
  await tellStep(emit, 'switch', `v${release.version} is current`, () => switchOver(context, groups, end))
  await tellStep(emit, 'prune', 'old releases', () => prune(context, end))
  tellRelease(context, release, 'succeeded')
  return {release, uploadedBytes, hosts, groups}
}
