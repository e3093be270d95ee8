import {findPoolApp} from '../../platform/pool/find-pool-app.ts'
import {PoolCommand} from '../pool/pool-command.ts'
import {requireApp, requirePoolTarget, targetFlags} from '../pool/target-flags.ts'
import {renderReleases} from '../render/pool.ts'
import {writeNow} from '../write.ts'

export class Releases extends PoolCommand {
  static override summary = 'List the releases of an app on a pool, newest first.'
  static override examples = ['<%= config.bin %> releases --target ec2 --app shop']
  static override flags = targetFlags

  async run(): Promise<unknown> {
    const {flags} = await this.parse(Releases)
    requirePoolTarget(flags, {
      command: 'releases',
      hint: 'Write --target ec2. On this machine there are no releases: edit .env, then start again.',
    })
    const app = requireApp(flags.app)
    const {context} = await this.openPool(flags.pool)
    const {records, current} = await findPoolApp(context, app)
    if (!flags.json) writeNow(1, renderReleases(app, records, {current, now: Date.now(), paint: this.paint}))
    return [...records].reverse().map(({release, outcome}) => ({
      version: release.version,
      description: release.description,
      slug: release.slug,
      user: release.user,
      createdAt: release.createdAt,
      status: outcome?.status ?? 'pending',
      current: release.version === current,
    }))
  }
}
