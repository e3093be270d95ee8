import {existsSync} from 'node:fs'
import {HomeportError} from '../../../model/error.ts'
import {type Isolation, type Probe, type Tier, tiers} from './isolation.ts'
import {type LauncherKind, launcher, launchersOf} from './launch.ts'
import type {Machine} from './machine.ts'
import {ownUidIsolation} from './own-uid.ts'
import {forget, type Ground, recall, remember} from './probe-cache.ts'
import {processIsolation} from './process.ts'
import {sandboxIsolation} from './sandbox.ts'
import {writeSandboxFiles} from './sandbox-files.ts'
import {type Complaint, explainSandboxFailure, installCommand} from './sandbox-fix.ts'
import type {SandboxVariant} from './sandbox-parts.ts'
import {seccompArchitecture} from './seccomp.ts'
import {type Trial, tryTier} from './try-tier.ts'
import {knowsDynoUids} from './uid-lease.ts'

/** A tier that was found to work, or why it does not. */
export type Found =
  | {readonly works: true; readonly isolation: Isolation; readonly variant?: SandboxVariant}
  | Extract<Probe, {works: false}>

/** Strongest first. A new tier is one file that makes an `Isolation`, and one line here. */
const finders: Readonly<Record<Tier, (ground: Ground) => Promise<Found>>> = {
  sandbox: findSandbox,
  'own-uid': findOwnUid,
  process: async ({machine}) => ({
    works: true,
    isolation: processIsolation(machine, launcher(machine, launchersOf(machine)[0] ?? 'tools')),
  }),
}

/** Whether `tier` works here, by trying it or by remembering that it worked. What failed is tried again every time. */
export function findTier(tier: Tier, ground: Ground): Promise<Found> {
  return finders[tier](ground)
}

export type IsolationWish = Tier | 'auto'

/**
 * The isolation for an app: the wished tier, or with `auto` the strongest that works. Throws ISOLATION_UNAVAILABLE with the reason
 * and the command that mends it; never takes another tier than the wished one, and none for a slug that would leave it root
 * (cli.md section 2, Root).
 */
export async function chooseIsolation(wish: IsolationWish, runs: 'folder' | 'slug', ground: Ground): Promise<Isolation> {
  const mayBeRoot = runs === 'folder' || ground.machine.uid !== 0
  if (wish !== 'auto') {
    if (wish === 'process' && !mayBeRoot) throw staysRoot([])
    const found = await findTier(wish, ground)
    if (found.works) return found.isolation
    throw new HomeportError('ISOLATION_UNAVAILABLE', `Isolation “${wish}” cannot be had here: ${found.reason}.`, {hint: mend(found.fix)})
  }
  const failed: string[] = []
  let fix: string | undefined
  for (const tier of tiers.filter(name => name !== 'process' || mayBeRoot)) {
    const found = await findTier(tier, ground)
    if (found.works) return found.isolation
    failed.push(`${tier}: ${found.reason}`)
    fix ??= found.fix
  }
  throw staysRoot(failed, fix)
}

/** To be called when a dyno could not be opened although its tier was remembered to work: the next look tries again. */
export function forgetTiers({cacheDir}: Ground): Promise<void> {
  return forget(cacheDir)
}

async function findSandbox(ground: Ground): Promise<Found> {
  const {machine, cacheDir} = ground
  const architecture = seccompArchitecture(machine.arch)
  const isRoot = machine.uid === 0
  if (machine.platform !== 'linux') return {works: false, reason: 'bubblewrap needs Linux', fix: 'use a Linux machine or container'}
  if (architecture === undefined)
    return {works: false, reason: `no list of system calls for ${machine.arch}`, fix: 'use an x64 or arm64 machine'}
  if (machine.tools.bwrap === undefined) {
    return {works: false, reason: 'bubblewrap (bwrap) is not on PATH', fix: installCommand('bubblewrap', isRoot, existsSync)}
  }
  const files = writeSandboxFiles(cacheDir, architecture)
  const open = (variant: SandboxVariant): Isolation =>
    sandboxIsolation({machine, launch: launcher(machine, variant.launcher), variant, files})
  const known = await recall(ground, 'sandbox')
  if (known?.variant !== undefined) return {works: true, isolation: open(known.variant), variant: known.variant}
  let first: Trial | undefined
  for (const variant of sandboxVariants(machine)) {
    const trial = await tryTier(open(variant), ground.roomsFolder)
    first ??= trial
    if (!trial.works) continue
    await remember(ground, 'sandbox', {variant})
    return {works: true, isolation: open(variant), variant}
  }
  return {works: false, ...explainSandboxFailure(machine, first?.output ?? '')}
}

/** The best first: copy-on-write before copies, with a user namespace before without, perl before tools. */
function sandboxVariants(machine: Machine): readonly SandboxVariant[] {
  const namespaces = machine.uid === 0 ? [true, false] : [true]
  return (['overlay', 'copy'] as const).flatMap(disk =>
    namespaces.flatMap(hasUserNamespace => launchersOf(machine).map(kind => ({launcher: kind, hasUserNamespace, disk}))),
  )
}

async function findOwnUid(ground: Ground): Promise<Found> {
  const {machine} = ground
  const kinds = launchersOf(machine).filter(kind => kind === 'perl' || machine.tools.setpriv !== undefined)
  const obstacle = ownUidObstacle(machine, kinds)
  if (obstacle !== undefined) return {works: false, ...obstacle}
  const open = (kind: LauncherKind): Isolation => ownUidIsolation(machine, launcher(machine, kind))
  const known = await recall(ground, 'own-uid')
  if (known?.launcher !== undefined) return {works: true, isolation: open(known.launcher)}
  let output = ''
  for (const kind of kinds) {
    const trial = await tryTier(open(kind), ground.roomsFolder)
    output ||= trial.output.trim()
    if (!trial.works) continue
    await remember(ground, 'own-uid', {launcher: kind})
    return {works: true, isolation: open(kind)}
  }
  const fix = 'give the container the capabilities SETUID and SETGID'
  return {works: false, reason: `changing the user failed (“${output}”)`, fix}
}

function ownUidObstacle({platform, uid}: Machine, kinds: readonly LauncherKind[]): Complaint | undefined {
  if (platform !== 'linux') return {reason: 'it needs setpriv, which is Linux’s', fix: 'use a Linux machine or container'}
  if (uid !== 0) return {reason: 'only root can give dynos users of their own', fix: 'sudo homeport start --isolation own-uid'}
  if (!knowsDynoUids()) return {reason: 'this container has no users to give away', fix: 'map at least 65,536 users into the container'}
  if (kinds.length > 0) return undefined
  return {reason: 'neither perl nor setpriv is on PATH', fix: installCommand('util-linux', true, existsSync)}
}

function staysRoot(failed: readonly string[], fix?: string): HomeportError {
  const why = failed.length === 0 ? '' : ` (${failed.join('; ')})`
  return new HomeportError(
    'ISOLATION_UNAVAILABLE',
    `The dynos of a slug never run as root, and isolation “process” cannot change the user${why}.`,
    {
      hint: fix === undefined ? 'Use `--isolation sandbox` or `own-uid`, or run Homeport as a user.' : mend(fix),
    },
  )
}

function mend(fix: string): string {
  return `To mend it: ${fix}`
}
