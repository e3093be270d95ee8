import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {slugImage} from '../../engines/pool/compose-image.ts'
import type {OneOffEnd, RolloutFailure} from '../../engines/pool/engine.ts'
import type {Ledger} from '../../engines/pool/ledger.ts'
import {isSlugUploaded, uploadSlug} from '../../engines/pool/slug-transfer.ts'
import {prunable} from '../../model/deploy-plan.ts'
import {type DynoGroup, planGroups} from '../../model/dyno-group.ts'
import {defaultSlugSize, dynoSize} from '../../model/dyno-size.ts'
import {HomeportError} from '../../model/error.ts'
import {now} from '../../model/event.ts'
import {spareManagers} from '../../model/pool.ts'
import type {Release, ReleaseRecord} from '../../model/release.ts'
import {configStoreOf, leaseOf, ledgerOf, type PoolContext, tellStep} from './pool-context.ts'

/** What shall be released; what is left out stays as it is in the current release. */
export type ReleaseWish = {
  readonly app: string
  readonly description: string
  readonly slug: Pick<Release, 'slug' | 'stack' | 'processTypes' | 'webCheck'>
  /** Writes the slug's canonical tar into a file; asked only when the bucket lacks it. */
  readonly writeTar?: (file: string) => Promise<void>
  /** Config vars of the release; default: those of the current one. */
  readonly config?: (current: ReadonlyMap<string, string>) => ReadonlyMap<string, string>
  /** Quantities that this release changes. */
  readonly formation?: ReadonlyMap<string, number>
  readonly isWaiting: boolean
}

export type PoolRelease = {
  readonly release: Release
  readonly uploadedBytes: number
  readonly hosts: number
  readonly groups: readonly DynoGroup[]
}

const fetchMs = 600_000
const revertMs = 120_000

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

type End = {
  readonly ledger: Ledger
  readonly release: Release
  readonly current: number | undefined
  readonly records: readonly ReleaseRecord[]
  readonly app: string
}

async function preflight({engine}: PoolContext): Promise<number> {
  const hosts = await engine.hosts()
  const ready = hosts.filter(host => host.state === 'ready')
  if (spareManagers(hosts) < 0) {
    throw new HomeportError('QUORUM_LOST', 'The managers of the pool have no majority: nothing can be changed.', {
      hint: 'Start the managers that are down again.',
    })
  }
  if (ready.length > 0) return ready.length
  throw new HomeportError('TARGET_FAILED', 'No host of the pool takes dynos now.', {hint: 'Look with `homeport pool:hosts NAME`.'})
}

/** Bytes sent. Bases for a delta are the slugs that hosts most likely have: newest releases first. */
async function upload({slug, writeTar}: ReleaseWish, {bucket, emit}: PoolContext, records: readonly ReleaseRecord[]): Promise<number> {
  if (await isSlugUploaded(bucket, slug.slug)) {
    emit({type: 'step', time: now(), name: 'upload', status: 'skipped', detail: 'the bucket has this slug'})
    return 0
  }
  if (writeTar === undefined)
    throw new HomeportError('SLUG_UNKNOWN', `The pool has no slug ${slug.slug} any more.`, {hint: 'Deploy it again.'})
  return await tellStep(emit, 'upload', slug.slug, async () => {
    const folder = await mkdtemp(join(tmpdir(), 'homeport-upload-'))
    try {
      const tar = join(folder, 'slug.tar')
      await writeTar(tar)
      const bases = [...new Set(records.map(record => record.release.slug).reverse())].slice(0, 3)
      return await uploadSlug(slug.slug, tar, {bucket, bases, folder})
    } finally {
      await rm(folder, {recursive: true, force: true})
    }
  })
}

async function commit(
  {app, description, slug, config}: ReleaseWish,
  context: PoolContext,
  {ledger, records, current}: Pick<End, 'ledger' | 'records' | 'current'>,
): Promise<{readonly release: Release}> {
  const store = configStoreOf(context, app)
  const serving = records.find(({release}) => release.version === current)?.release
  const before = serving === undefined ? new Map<string, string>() : await store.read(serving.config)
  const wanted = config === undefined ? before : config(before)
  const pending = records.at(-1)
  const candidates = [serving, pending?.outcome === undefined ? pending?.release : undefined]
  let hash: string | undefined
  for (const candidate of candidates) {
    if (candidate !== undefined && isSameConfig(await store.read(candidate.config), wanted)) hash = candidate.config
  }
  return await ledger.commit({...slug, description, config: hash ?? (await store.write(wanted)), user: context.deployer.user})
}

/** Releases whose deployer died and that nobody goes on with: the current one did succeed, the others never will. */
async function closeAbandoned(
  ledger: Ledger,
  records: readonly ReleaseRecord[],
  {current, version}: {readonly current: number | undefined; readonly version: number},
): Promise<void> {
  for (const {release, outcome} of records) {
    if (outcome !== undefined || release.version === version) continue
    const isServing = release.version === current
    await ledger.finish(
      release.version,
      isServing ? {status: 'succeeded'} : {status: 'failed', reason: 'its deployer ended before it was done'},
    )
  }
}

function isSameConfig(one: ReadonlyMap<string, string>, other: ReadonlyMap<string, string>): boolean {
  return one.size === other.size && [...one].every(([name, value]) => other.get(name) === value)
}

/** The groups of a release with the quantities that are wished, else those that run, else those that were set, else one web dyno. */
export async function groupsOf(
  release: Release,
  {engine, pool, limits}: PoolContext,
  {ledger, formation = new Map()}: {readonly ledger: Ledger; readonly formation?: ReadonlyMap<string, number> | undefined},
): Promise<readonly DynoGroup[]> {
  const app = ledger.app
  const settings = await ledger.settings()
  const running = await engine.groups(app)
  const quantities = new Map([
    ...Object.entries(settings.formation),
    ...running.map(({type, quantity}) => [type, quantity] as const),
    ...formation,
  ])
  const sizes = new Map(running.map(({type, size}) => [type, size]))
  return planGroups(release, {
    app,
    image: slugImage(pool.stack, release.slug).id,
    formation: quantities,
    sizes: type => dynoSize(sizes.get(type) ?? defaultSlugSize),
    domains: settings.domains,
    bootMs: limits.bootMs,
    stopMs: limits.stopSlugMs,
  })
}

async function prefetch(
  {engine, hostWork, signal}: PoolContext,
  release: Release,
  records: readonly ReleaseRecord[],
  current: number | undefined,
): Promise<void> {
  const serving = records.find(record => record.release.version === current)?.release
  const slugs = [...new Set([release.slug, ...(serving === undefined ? [] : [serving.slug])])]
  const results = await engine.runOnHosts(hostWork.fetchSlugs(slugs), {timeoutMs: fetchMs, ...(signal === undefined ? {} : {signal})})
  const failed = results.filter(result => !result.isDone)
  if (failed.length === 0) return
  const list = failed.map(({host, message}) => `${host}: ${message}`).join('; ')
  throw new HomeportError(
    'TARGET_FAILED',
    `The slug did not get onto ${failed.length} of ${results.length} hosts (${list}). The old release goes on serving.`,
    {
      hint: 'A host with a full disk or without network can be drained (`homeport pool:drain`), then deploy again.',
    },
  )
}

/** Once for each release, whoever deploys it and however often: its end is noted before the engine forgets the dyno. */
async function runReleaseCommand(release: Release, context: PoolContext, {ledger, app}: Pick<End, 'ledger' | 'app'>): Promise<void> {
  const {engine, emit, pool, limits, signal} = context
  const command = release.processTypes.find(([type]) => type === 'release')?.[1]
  if (command === undefined) return
  await tellStep(emit, 'release', command, async () => {
    const noted = await ledger.noted<OneOffEnd>(release.version, 'release-command')
    const timeout = AbortSignal.timeout(limits.releaseMs)
    const end =
      noted ??
      (await engine.runOnce(
        {
          app,
          dyno: `release.${release.version}`,
          release: release.version,
          image: slugImage(pool.stack, release.slug).id,
          config: release.config,
          command,
          size: dynoSize(defaultSlugSize),
          stopMs: limits.stopSlugMs,
        },
        {
          onLine: ({time, source, dyno, stream, text}) =>
            emit({type: 'output', time, source, dyno, stream, lines: Buffer.from(`${text}\n`)}),
          onEnd: result => ledger.note(release.version, 'release-command', result),
          signal: signal === undefined ? timeout : AbortSignal.any([signal, timeout]),
        },
      ))
    if (end.exitCode === 0) return
    throw new HomeportError(
      'RELEASE_FAILED',
      `The release command of v${release.version} ended with exit code ${end.exitCode}${end.host === undefined ? '' : ` on ${end.host}`}. It is not released.`,
      {
        hint: 'The old release goes on serving. Mend the command, then deploy again.',
      },
    )
  })
}

async function submit({engine}: PoolContext, groups: readonly DynoGroup[], {release}: End): Promise<void> {
  for (const group of groups) await engine.submit(group, {fence: release.version})
}

async function watch({engine, signal}: PoolContext, groups: readonly DynoGroup[], {release, current}: End): Promise<void> {
  const stop = new AbortController()
  const stopping = signal === undefined ? stop.signal : AbortSignal.any([stop.signal, signal])
  const rollouts = groups.map(async group => {
    const rollout = await engine.watch(group, {signal: stopping})
    if (rollout.status === 'failed') throw new RolloutError(rollout.failure, release.version, current)
  })
  try {
    await Promise.all(rollouts)
  } finally {
    stop.abort()
    await Promise.allSettled(rollouts)
  }
}

/** What came of a release whose dynos did not come up. */
export class RolloutError extends HomeportError {
  readonly failure: RolloutFailure

  constructor(failure: RolloutFailure, version: number, current: number | undefined) {
    const {dyno, host, exitCode, message} = failure
    const how = exitCode === undefined ? message : `ended with exit code ${exitCode} (${message})`
    const after = current === undefined ? 'It was taken away again.' : `Everything went back: v${current} serves as before.`
    super('DEPLOY_ROLLED_BACK', `Release v${version} did not come up: ${dyno}${host === undefined ? '' : ` on ${host}`} ${how}. ${after}`, {
      hint: 'Its last lines are above. Mend it, then deploy again.',
    })
    this.failure = failure
  }
}

/** Puts everything back as it was and notes why; what cannot be reached any more is left for the next deploy. */
async function giveUp(
  error: unknown,
  context: PoolContext,
  {ledger, release, current, records, app, lease}: End & {readonly lease: AbortSignal},
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

async function revert(context: PoolContext, {ledger, release, current, records, app}: End): Promise<void> {
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

async function switchOver({engine}: PoolContext, groups: readonly DynoGroup[], {ledger, release, app}: End): Promise<void> {
  await ledger.switchTo(release.version)
  const formation = Object.fromEntries(groups.map(({type, quantity}) => [type, quantity]))
  await ledger.changeSettings(settings => ({...settings, formation: {...settings.formation, ...formation}}))
  for (const {type} of await engine.groups(app)) if (!groups.some(group => group.type === type)) await engine.remove(app, type)
}

/** The engine forgets the config vars of releases that are too old to come back; then the release has succeeded. */
async function prune({engine, deployer}: PoolContext, {ledger, records, release, current, app}: End): Promise<void> {
  const old = new Set(prunable([...records, {release, outcome: undefined}], {current: release.version, previous: current}))
  const kept = [release, ...records.map(record => record.release)].filter(({version}) => !old.has(version)).map(({config}) => config)
  await engine.forgetConfigs(app, kept)
  const audit = {user: deployer.user, action: release.description, from: current ?? null, to: release.version, slug: release.slug}
  await ledger.audit({...audit, result: 'succeeded'})
  // The last word: a deployer who is killed before it goes on with this release when run again.
  await ledger.finish(release.version, {status: 'succeeded'})
}

function tellRelease(
  {emit}: Pick<PoolContext, 'emit'>,
  {version, description, slug}: Release,
  status: 'pending' | 'succeeded' | 'failed',
): void {
  emit({type: 'release', time: now(), version, description, slug, status})
}
