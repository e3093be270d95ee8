import {prunable} from '../../model/deploy-plan.ts'
import type {DynoGroup} from '../../model/dyno-group.ts'
import {HomeportError} from '../../model/error.ts'
import {now} from '../../model/event.ts'
import type {Release} from '../../model/release.ts'
import {RolloutError} from './bring-up-release.ts'
import {type PoolContext, tellStep} from './pool-context.ts'
import {groupsOf} from './release-groups.ts'
import type {ReleaseRun} from './release-wish.ts'

const revertMs = 120_000

/** Puts everything back as it was and notes why; what cannot be reached any more is left for the next deploy. */
export async function giveUp(
  error: unknown,
  context: PoolContext,
  {ledger, release, current, records, app, lease}: ReleaseRun & {readonly lease: AbortSignal},
): Promise<void> {
  if (
    !(error instanceof HomeportError) ||
    lease.aborted ||
    error.code === 'DEPLOY_CONFLICT' ||
    error.code === 'POOL_UNREACHABLE' ||
    error.code === 'QUORUM_LOST'
  )
    return
  const {emit, deployer} = context
  if (error instanceof RolloutError) {
    const {dyno, lastLines} = error.failure
    if (lastLines.length > 0)
      emit({type: 'output', time: now(), source: 'app', dyno, stream: 'stdout', lines: Buffer.from(`${lastLines.join('\n')}\n`)})
    await tellStep(emit, 'back', current === undefined ? 'away with it' : `to v${current}`, () =>
      revert(context, {ledger, release, current, records, app}),
    )
  }
  const status = error instanceof RolloutError ? ('rolled_back' as const) : ('failed' as const)
  await ledger.finish(release.version, {status, reason: error.message})
  await ledger.audit({
    user: deployer.user,
    action: release.description,
    from: current ?? null,
    to: release.version,
    slug: release.slug,
    result: status,
  })
  tellRelease({emit}, release, 'failed')
}

async function revert(context: PoolContext, {ledger, release, current, records, app}: ReleaseRun): Promise<void> {
  const {engine} = context
  const serving = records.find(record => record.release.version === current)?.release
  const before = serving === undefined ? [] : await groupsOf(serving, context, {ledger})
  for (const {type} of await engine.groups(app)) {
    if (!before.some(group => group.type === type)) await engine.remove(app, type)
  }
  for (const group of before) await engine.submit(group, {fence: release.version})
  const signal = AbortSignal.timeout(revertMs)
  for (const group of before) await engine.watch(group, {signal}).catch(() => undefined)
}

export async function switchOver({engine}: PoolContext, groups: readonly DynoGroup[], {ledger, release, app}: ReleaseRun): Promise<void> {
  await ledger.switchTo(release.version)
  const formation = Object.fromEntries(groups.map(({type, quantity}) => [type, quantity]))
  await ledger.changeSettings(settings => ({...settings, formation: {...settings.formation, ...formation}}))
  for (const {type} of await engine.groups(app)) if (!groups.some(group => group.type === type)) await engine.remove(app, type)
}

/** The engine forgets the config vars of releases that are too old to come back; then the release has succeeded. */
export async function prune({engine, deployer}: PoolContext, {ledger, records, release, current, app}: ReleaseRun): Promise<void> {
  const old = new Set(prunable([...records, {release, outcome: undefined}], {current: release.version, previous: current}))
  const kept = [release, ...records.map(record => record.release)].filter(({version}) => !old.has(version)).map(({config}) => config)
  await engine.forgetConfigs(app, kept)
  const audit = {user: deployer.user, action: release.description, from: current ?? null, to: release.version, slug: release.slug}
  await ledger.audit({...audit, result: 'succeeded'})
  // The last word: a deployer who is killed before it goes on with this release when run again.
  await ledger.finish(release.version, {status: 'succeeded'})
}

export function tellRelease(
  {emit}: Pick<PoolContext, 'emit'>,
  {version, description, slug}: Release,
  status: 'pending' | 'succeeded' | 'failed',
): void {
  emit({type: 'release', time: now(), version, description, slug, status})
}
