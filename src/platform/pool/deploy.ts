import {isSlugUploaded} from '../../engines/pool/slug-transfer.ts'
import {type DeployStep, planDeploy} from '../../model/deploy-plan.ts'
import type {DynoGroup} from '../../model/dyno-group.ts'
import {checkType, isStartable} from '../../model/formation.ts'
import type {Healthcheck} from '../../model/healthcheck.ts'
import {planPlacement} from '../../model/placement.ts'
import {checkPoolAppName, checkSlugFits, type SlugNeeds} from '../../model/pool.ts'
import type {Release} from '../../model/release.ts'
import {configStoreOf, ledgerOf, type PoolContext} from './pool-context.ts'
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
export async function deploy(options: DeployOptions, context: PoolContext): Promise<DeployResult> {
  const {app, slug, formation, isWaiting = false} = options
  const from = Date.now()
  checkDeploy(options, context)
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

export type DeployPreview = {
  readonly steps: readonly DeployStep[]
  readonly release: number
  /** Names only. */
  readonly configVars: readonly string[]
  readonly pending: readonly string[]
}

/** What `deploy` would do now; reads, and changes nothing. */
export async function previewDeploy(options: DeployOptions, context: PoolContext): Promise<DeployPreview> {
  const {app, slug, formation} = options
  checkDeploy(options, context)
  const ledger = ledgerOf(context, app)
  const [records, current, isUploaded, hosts, running] = await Promise.all([
    ledger.records(),
    ledger.current(),
    isSlugUploaded(context.bucket, slug.id),
    context.engine.hosts(),
    context.engine.groups(app),
  ])
  const serving = records.find(record => record.release.version === current)?.release
  const configVars = await configNames(context, app, serving)
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
    configVars,
    steps: planDeploy({release, records, current, slugBytes: slug.tarBytes, isUploaded, hosts: hosts.length, groups, leaving, configVars}),
    pending: pending.map(({type, missing, reason}) => `${missing} x ${type}: ${reason}`),
  }
}

/** What is wrong whatever the pool does; nothing was asked, written or sent yet. */
function checkDeploy({app, slug, formation = new Map()}: DeployOptions, {pool}: PoolContext): void {
  checkPoolAppName(app)
  checkSlugFits(slug, pool.stack)
  const known = new Map([...slug.processTypes.keys()].filter(isStartable).map(type => [type, 1]))
  for (const type of formation.keys()) checkType(type, known)
}

/** Names of the config vars of the release that serves, never values. */
async function configNames(context: PoolContext, app: string, serving: Release | undefined): Promise<readonly string[]> {
  return serving === undefined ? [] : [...(await configStoreOf(context, app).read(serving.config)).keys()]
}

/** `Deploy 0123abcd`, of the commit where there is one (platform.md e.2). */
function descriptionOf({id, commit}: DeployableSlug): string {
  return `Deploy ${(commit ?? id.replace(/^sha256:/, '')).slice(0, 8)}`
}

function partOf({id, stack, processTypes, webCheck}: DeployableSlug): Pick<Release, 'slug' | 'stack' | 'processTypes' | 'webCheck'> {
  return {slug: id, stack, processTypes: [...processTypes], ...(webCheck === undefined ? {} : {webCheck})}
}
