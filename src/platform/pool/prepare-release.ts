import {mkdtemp, rm} from 'node:fs/promises'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import type {Ledger} from '../../engines/pool/ledger.ts'
import {isSlugUploaded, uploadSlug} from '../../engines/pool/slug-transfer.ts'
import {HomeportError} from '../../model/error.ts'
import {now} from '../../model/event.ts'
import {spareManagers} from '../../model/pool.ts'
import type {Release, ReleaseRecord} from '../../model/release.ts'
import {configStoreOf, type PoolContext, tellStep} from './pool-context.ts'
import type {ReleaseRun, ReleaseWish} from './release-wish.ts'

/** How many hosts take dynos; rejects with QUORUM_LOST or TARGET_FAILED where nothing can be released. */
export async function preflight({engine}: PoolContext): Promise<number> {
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
export async function upload(
  {slug, writeTar}: ReleaseWish,
  {bucket, emit}: PoolContext,
  records: readonly ReleaseRecord[],
): Promise<number> {
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

export async function commit(
  {app, description, slug, config}: ReleaseWish,
  context: PoolContext,
  {ledger, records, current}: Pick<ReleaseRun, 'ledger' | 'records' | 'current'>,
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
export async function closeAbandoned(
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
