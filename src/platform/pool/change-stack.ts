import {listApps} from '../../engines/pool/ledger.ts'
import type {DynoGroup} from '../../model/dyno-group.ts'
import {HomeportError} from '../../model/error.ts'
import type {Stack} from '../../model/pool.ts'
import {findPoolApp} from './find-pool-app.ts'
import {hostWorkOf} from './host-work.ts'
import {type PoolContext, tellStep} from './pool-context.ts'
import {groupsOf} from './release-groups.ts'

const fetchMs = 600_000

export type ChangeStackOptions = {
  readonly bucketName: string
  readonly endpoint: string | undefined
  /** Writes the stack of the pool into its bucket. */
  readonly write: (stack: Stack) => Promise<void>
}

/**
 * Another stack under the same slugs: composed anew on every host, nothing is rebuilt, no release is made. Every app rolls over; when
 * one does not come up, it and the stack go back.
 */
export async function changeStack(
  stack: Stack,
  context: PoolContext,
  {bucketName, endpoint, write}: ChangeStackOptions,
): Promise<readonly string[]> {
  const {engine, emit, bucket, pool} = context
  const next: PoolContext = {
    ...context,
    pool: {...pool, stack},
    hostWork: hostWorkOf({pool: {...pool, stack}, bucket: bucketName, endpoint}),
  }
  await write(stack)
  try {
    await tellStep(emit, 'prefetch', 'the stack, under every slug', async () => {
      // In a container of the stack that hosts have; the program reads the new one from the bucket.
      const results = await engine.runOnHosts(context.hostWork.fetchSlugs([]), {timeoutMs: fetchMs})
      const failed = results.filter(result => !result.isDone)
      if (failed.length > 0)
        throw new HomeportError(
          'TARGET_FAILED',
          `The stack did not get onto ${failed.map(({host, message}) => `${host}: ${message}`).join('; ')}.`,
        )
    })
    const apps = await listApps(bucket)
    for (const app of apps) await tellStep(emit, 'roll', app, () => roll(app, next, context))
    await engine.keepOnHosts(hostWorkOf({pool: next.pool, bucket: bucketName, endpoint}).serve, {onlyManagers: true})
    return apps
  } catch (error) {
    await write(pool.stack)
    throw error
  }
}

async function roll(app: string, next: PoolContext, before: PoolContext): Promise<void> {
  const {ledger, serving} = await findPoolApp(next, app)
  if (serving === undefined) return
  const {engine} = next
  const groups = await groupsOf(serving, next, {ledger})
  const old: readonly DynoGroup[] = await groupsOf(serving, before, {ledger})
  for (const group of groups) await engine.submit(group, {fence: serving.version})
  for (const group of groups) {
    const rollout = await engine.watch(group, {})
    if (rollout.status === 'up') continue
    for (const each of old) await engine.submit(each, {fence: serving.version})
    const {dyno, host, message} = rollout.failure
    throw new HomeportError(
      'DEPLOY_ROLLED_BACK',
      `${app} does not come up on the new stack: ${dyno}${host === undefined ? '' : ` on ${host}`}: ${message}. Everything went back.`,
      {
        hint: 'Build its slug for the new stack, then try again.',
      },
    )
  }
}
