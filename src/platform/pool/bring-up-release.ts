import {slugImage} from '../../engines/pool/compose-image.ts'
import type {OneOffEnd, RolloutFailure} from '../../engines/pool/engine.ts'
import type {DynoGroup} from '../../model/dyno-group.ts'
import {defaultSlugSize, dynoSize} from '../../model/dyno-size.ts'
import {HomeportError} from '../../model/error.ts'
import type {Release, ReleaseRecord} from '../../model/release.ts'
import {type PoolContext, tellStep} from './pool-context.ts'
import type {ReleaseRun} from './release-wish.ts'

const fetchMs = 600_000

/** Every host gets the slug and makes its image; rejects with TARGET_FAILED, naming the hosts that did not. */
export async function prefetch(
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
export async function runReleaseCommand(
  release: Release,
  context: PoolContext,
  {ledger, app}: Pick<ReleaseRun, 'ledger' | 'app'>,
): Promise<void> {
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

export async function submit({engine}: PoolContext, groups: readonly DynoGroup[], {release}: ReleaseRun): Promise<void> {
  for (const group of groups) await engine.submit(group, {fence: release.version})
}

export async function watch({engine, signal}: PoolContext, groups: readonly DynoGroup[], {release, current}: ReleaseRun): Promise<void> {
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
