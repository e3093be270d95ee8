import {closeCgroups, openCgroups} from '../cgroup.ts'
import {type Found, findTier} from './catalog.ts'
import {type Tier, tiers} from './isolation.ts'
import type {Ground} from './probe-cache.ts'

/** One tier on this machine: what it is like here, or why it is missing and what mends that. */
export type TierReport = {readonly tier: Tier; readonly works: boolean; readonly detail: string; readonly fix?: string}

/** What keeps the dynos of a slug apart on this machine, and how (cli.md section 10). */
export type IsolationReport = {
  /** The strongest that works. */
  readonly tier: Tier
  readonly files: string
  readonly processes: string
  readonly network: string
  readonly memory: string
  readonly tiers: readonly TierReport[]
  /** Whether the kernel holds dynos to their memory. */
  readonly isMemoryEnforced: boolean
}

/** Tries all tiers. Takes some 100 ms, 10 ms when what works is remembered. */
export async function isolationReport(ground: Ground): Promise<IsolationReport> {
  const found: (readonly [Tier, Found])[] = []
  for (const tier of tiers) found.push([tier, await findTier(tier, ground)])
  const [tier, best] = found.find(([, {works}]) => works) ?? ['process' as const, undefined]
  const copies = best?.works === true && best.variant?.disk === 'copy'
  const memory = await describeMemory(ground)
  return {
    tier,
    files: copies ? `${closed[tier].files}; each dyno has a private copy of its slug` : closed[tier].files,
    processes: closed[tier].processes,
    network: 'shared with this machine',
    memory: memory.text,
    tiers: found.map(([name, outcome]) => describeTier(name, outcome)),
    isMemoryEnforced: memory.isEnforced,
  }
}

const closed: Readonly<Record<Tier, {readonly files: string; readonly processes: string}>> = {
  sandbox: {files: 'a dyno sees the system, its own /app and its own /tmp', processes: 'a dyno sees its own'},
  'own-uid': {
    files: 'a dyno has a user of its own, and a private copy of its slug instead of /app',
    processes: 'a dyno sees all, and signals its own',
  },
  process: {files: 'a dyno reads and writes what you can, and /app does not exist', processes: 'a dyno sees and signals all of yours'},
}

function describeTier(tier: Tier, found: Found): TierReport {
  if (!found.works) return {tier, works: false, detail: found.reason, fix: found.fix}
  const {variant} = found
  if (variant === undefined)
    return {tier, works: true, detail: tier === 'process' ? 'a process group of its own' : 'a user of its own for each dyno'}
  const disk =
    variant.disk === 'overlay'
      ? '/app is copy-on-write over the slug'
      : '/app is a private copy of the slug: no file system here takes a copy-on-write disk'
  return {
    tier,
    works: true,
    detail: `bubblewrap; ${disk}${variant.launcher === 'tools' ? '; starts faster, and can be entered by ps:exec, with perl' : ''}`,
  }
}

async function describeMemory({machine}: Ground): Promise<{readonly text: string; readonly isEnforced: boolean}> {
  const host = machine.platform === 'linux' ? await openCgroups(`doctor-${process.pid}`) : undefined
  if (host === undefined) return {text: 'checked once a second, not enforced', isEnforced: false}
  await closeCgroups(host)
  if (host.folders.memory === undefined) return {text: 'checked once a second, not enforced; processes are counted', isEnforced: false}
  return {text: `enforced by cgroups (version ${host.version})`, isEnforced: true}
}
