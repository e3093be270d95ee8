import {isSlugUploaded} from '../../engines/pool/slug-transfer.ts'
import {type DeployStep, planDeploy} from '../../model/deploy-plan.ts'
import type {DynoGroup} from '../../model/dyno-group.ts'
import type {Healthcheck} from '../../model/healthcheck.ts'
import {planPlacement} from '../../model/placement.ts'
import {checkPoolAppName, checkSlugFits, type SlugNeeds} from '../../model/pool.ts'
import type {Release} from '../../model/release.ts'
import {ledgerOf, type PoolContext} from './pool-context.ts'
import {groupsOf} from './release-groups.ts'
import {releaseOnPool} from './release-on-pool.ts'

/** A slug of this machine's store, ready to go to a pool. */
export type DeployableSlug = SlugNeeds & {
  /** `sha256:…`, as `build` printed it. */
  readonly id: string
  readonly processTypes: ReadonlyMap<string, string>
  readonly tarBytes: number
  /** What it was built of: a commit, else the slug's own digits. */
  readonly commit?: string
  readonly webCheck?: Healthcheck
  /** Writes the canonical tar: the bytes whose SHA-256 is the id. */
  writeTar(file: string): Promise<void>
}

export type DeployOptions = {
  readonly app: string
  readonly slug: DeployableSlug
  readonly formation?: ReadonlyMap<string, number>
  readonly isWaiting?: boolean
}

/** The document of `deploy --json` (cli.md section 9). */
export type DeployResult = {
  readonly release: number
  readonly slug: string
  readonly uploadedBytes: number
  readonly hosts: number
  readonly durationMs: number
  readonly status: 'succeeded'
  readonly groups: readonly DynoGroup[]
}

/** Promotes a slug to a pool, byte for byte. Refuses one that does not fit before anything is uploaded (SLUG_UNFIT). */
export async function deploy({app, slug, formation, isWaiting = false}: DeployOptions, context: PoolContext): Promise<DeployResult> {
  const from = Date.now()
  checkPoolAppName(app)
  checkSlugFits(slug, context.pool.stack)
  const {release, uploadedBytes, hosts, groups} = await releaseOnPool(
    {
      app,
      description: descriptionOf(slug),
      slug: partOf(slug),
      writeTar: file => slug.writeTar(file),
      isWaiting,
      ...(formation === undefined ? {} : {formation}),
    },
    context,
  )
  return {release: release.version, slug: slug.id, uploadedBytes, hosts, durationMs: Date.now() - from, status: 'succeeded', groups}
}

export type DeployPreview = {readonly steps: readonly DeployStep[]; readonly release: number; readonly pending: readonly string[]}

/** What `deploy` would do now; reads, and changes nothing. */
export async function previewDeploy({app, slug, formation}: DeployOptions, context: PoolContext): Promise<DeployPreview> {
  checkPoolAppName(app)
  checkSlugFits(slug, context.pool.stack)
  const ledger = ledgerOf(context, app)
  const [records, current, isUploaded, hosts, running] = await Promise.all([
    ledger.records(),
    ledger.current(),
    isSlugUploaded(context.bucket, slug.id),
    context.engine.hosts(),
    context.engine.groups(app),
  ])
  const version = (records.at(-1)?.release.version ?? 0) + 1
  const release: Release = {
    version,
    description: descriptionOf(slug),
    ...partOf(slug),
    config: '',
    user: context.deployer.user,
    createdAt: '',
  }
  const groups = await groupsOf(release, context, {ledger, formation})
  const leaving = running.map(({type}) => type).filter(type => !groups.some(group => group.type === type))
  const {pending} = planPlacement(groups, hosts)
  return {
    release: version,
    steps: planDeploy({release, records, current, slugBytes: slug.tarBytes, isUploaded, hosts: hosts.length, groups, leaving}),
    pending: pending.map(({type, missing, reason}) => `${missing} x ${type}: ${reason}`),
  }
}

/** `Deploy 0123abcd`, of the commit where there is one (platform.md e.2). */
function descriptionOf({id, commit}: DeployableSlug): string {
  return `Deploy ${(commit ?? id.replace(/^sha256:/, '')).slice(0, 8)}`
}

function partOf({id, stack, processTypes, webCheck}: DeployableSlug): Pick<Release, 'slug' | 'stack' | 'processTypes' | 'webCheck'> {
  return {slug: id, stack, processTypes: [...processTypes], ...(webCheck === undefined ? {} : {webCheck})}
}
