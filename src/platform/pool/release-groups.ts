import {slugImage} from '../../engines/pool/compose-image.ts'
import type {Ledger} from '../../engines/pool/ledger.ts'
import {type DynoGroup, planGroups} from '../../model/dyno-group.ts'
import {defaultSlugSize, dynoSize} from '../../model/dyno-size.ts'
import type {Release} from '../../model/release.ts'
import type {PoolContext} from './pool-context.ts'

/** The groups of a release with the quantities that are wished, else those that run, else those that were set, else one web dyno. */
export async function groupsOf(
  release: Release,
  {engine, pool, limits}: PoolContext,
  {ledger, formation = new Map()}: {readonly ledger: Ledger; readonly formation?: ReadonlyMap<string, number> | undefined},
): Promise<readonly DynoGroup[]> {
  const app = ledger.app
  const settings = await ledger.settings()
  const running = await engine.groups(app)
  const quantities = new Map([
    ...Object.entries(settings.formation),
    ...running.map(({type, quantity}) => [type, quantity] as const),
    ...formation,
  ])
  const sizes = new Map(running.map(({type, size}) => [type, size]))
  return planGroups(release, {
    app,
    image: slugImage(pool.stack, release.slug).id,
    formation: quantities,
    sizes: type => dynoSize(sizes.get(type) ?? defaultSlugSize),
    domains: settings.domains,
    bootMs: limits.bootMs,
    stopMs: limits.stopSlugMs,
  })
}
