import {findPoolApp} from './find-pool-app.ts'
import type {PoolContext} from './pool-context.ts'

/** Restarts the dynos of a type, or all, new before old; no release. Rejects with UNKNOWN_APP, UNKNOWN_TYPE. */
export async function restartPoolApp(app: string, type: string | undefined, {engine, deployer, ...context}: PoolContext): Promise<void> {
  const {ledger, current} = await findPoolApp(context, app)
  await engine.restart(app, type)
  await ledger.audit({
    user: deployer.user,
    action: `Restart ${type ?? 'all'}`,
    from: current ?? null,
    to: current ?? null,
    result: 'succeeded',
  })
}
