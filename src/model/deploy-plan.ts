import type {DynoGroup} from './dyno-group.ts'
import type {Release, ReleaseRecord} from './release.ts'

/** What is known before a deploy; read from bucket and engine, changes nothing. */
export type DeployFacts = {
  readonly release: Release
  /** Newest first or not: order does not matter. */
  readonly records: readonly ReleaseRecord[]
  readonly current: number | undefined
  /** Bytes of the slug's canonical tar; 0 to upload when the bucket has it. */
  readonly slugBytes: number
  readonly isUploaded: boolean
  readonly hosts: number
  readonly groups: readonly DynoGroup[]
  /** Types that run now and are in the release no more. */
  readonly leaving: readonly string[]
  /** Names of the config vars, never values. */
  readonly configVars: readonly string[]
}

export const deployStepNames = ['preflight', 'upload', 'commit', 'prefetch', 'release', 'submit', 'watch', 'switch', 'prune'] as const
export type DeployStepName = (typeof deployStepNames)[number]

/** One of the nine steps of a deploy, as `deploy --plan` prints it. */
export type DeployStep = {
  readonly name: DeployStepName
  readonly detail: string
  /** Calls to the engine: by process types, never by hosts or dynos. */
  readonly engineCalls: number
  readonly isNeeded: boolean
}

/** Releases that stay in the ledger with their slugs, besides those that run and their predecessors. */
export const keptReleases = 10

/** The nine steps, in order (findings 9.4). Each may be done again: a deployer that was killed goes on where it stopped. */
export function planDeploy(facts: DeployFacts): readonly DeployStep[] {
  const {release, records, current, slugBytes, isUploaded, hosts, groups, leaving, configVars} = facts
  const phase = release.processTypes.find(([type]) => type === 'release')
  const step = (name: DeployStepName, detail: string, engineCalls = 0, isNeeded = true): DeployStep => ({
    name,
    detail,
    engineCalls,
    isNeeded,
  })
  const counts = groups.map(({type, quantity}) => `${type}=${quantity}`).join(' ')
  return [
    step('preflight', `${hosts} hosts, the managers' quorum, os, arch, libc and stack of the slug`, 2),
    step('upload', isUploaded ? 'the bucket has this slug' : `the slug, at most ${slugBytes} bytes`, 0, !isUploaded),
    step(
      'commit',
      `release v${release.version}: ${release.description}; ${configVars.length === 0 ? 'no config vars' : `config vars ${configVars.join(', ')}`}`,
    ),
    step('prefetch', 'every host fetches the slug, checks its hash and makes the image', 3),
    step(
      'release',
      phase === undefined ? 'no release command' : `release command: ${phase[1]}`,
      phase === undefined ? 0 : 3,
      phase !== undefined,
    ),
    step('submit', [counts, ...leaving.map(type => `${type} leaves`)].join(', '), 2 * groups.length + leaving.length),
    step('watch', 'each type until its dynos are up; at the first failure everything goes back', groups.length),
    step('switch', `current: ${current === undefined ? 'none' : `v${current}`} -> v${release.version}`),
    step('prune', `${prunable(records, {current: release.version, previous: current}).length} old releases lose their slugs' images`, 1),
  ]
}

/** Versions whose slugs no host needs any more: not among the newest kept, not running, not the one before. */
export function prunable(
  records: readonly ReleaseRecord[],
  {current, previous}: {readonly current: number; readonly previous: number | undefined},
): readonly number[] {
  const versions = records.map(({release}) => release.version).sort((one, other) => other - one)
  return versions.slice(keptReleases).filter(version => version !== current && version !== previous)
}
