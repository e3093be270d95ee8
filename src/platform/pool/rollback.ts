import {rollbackTarget} from '../../model/release.ts'
import {findPoolApp} from './find-pool-app.ts'
import {configStoreOf, type PoolContext} from './pool-context.ts'
import {type PoolRelease, releaseOnPool} from './release-on-pool.ts'

export type RollbackOptions = {readonly app: string; readonly version?: string; readonly isWaiting?: boolean}

/** A new release with slug and config vars of an old one (platform.md e.3). Rejects with UNKNOWN_APP, UNKNOWN_RELEASE. */
export async function rollback(
  {app, version, isWaiting = false}: RollbackOptions,
  context: PoolContext,
): Promise<PoolRelease & {readonly to: number}> {
  const {records, current} = await findPoolApp(context, app)
  const target = rollbackTarget(records, current, version)
  const {slug, stack, processTypes, webCheck} = target
  const config = await configStoreOf(context, app).read(target.config)
  const released = await releaseOnPool(
    {
      app,
      description: `Rollback to v${target.version}`,
      slug: {slug, stack, processTypes, ...(webCheck === undefined ? {} : {webCheck})},
      config: () => config,
      isWaiting,
    },
    context,
  )
  return {...released, to: target.version}
}
