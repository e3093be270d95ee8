import {type Formation, type FormationChange, scaleFormation} from '../../model/formation.ts'
import {findPoolApp} from './find-pool-app.ts'
import type {PoolContext} from './pool-context.ts'

/** Quantities of an app's process types on a pool. Rejects with UNKNOWN_APP. */
export async function poolFormation(app: string, context: PoolContext): Promise<Formation> {
  await findPoolApp(context, app)
  return new Map((await context.engine.groups(app)).map(({type, quantity}) => [type, quantity]))
}

/** Changes quantities; no release (platform.md e.2). Rejects with UNKNOWN_APP, UNKNOWN_TYPE. */
export async function scalePoolApp(app: string, changes: readonly FormationChange[], context: PoolContext): Promise<Formation> {
  const {ledger, current} = await findPoolApp(context, app)
  const before = await poolFormation(app, context)
  const after = scaleFormation(before, changes)
  for (const [type, quantity] of after) if (quantity !== before.get(type)) await context.engine.scale(app, type, quantity)
  await ledger.changeSettings(settings => ({...settings, formation: {...settings.formation, ...Object.fromEntries(after)}}))
  const text = [...after].map(([type, quantity]) => `${type}=${quantity}`).join(' ')
  await ledger.audit({
    user: context.deployer.user,
    action: `Scale to ${text}`,
    from: current ?? null,
    to: current ?? null,
    result: 'succeeded',
  })
  return after
}
