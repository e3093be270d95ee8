import {homeportPath} from '../../../control/app-path.ts'
import type {AppStatus} from '../../../control/app-status.ts'
import {callControl, readTimeoutMs} from '../../../control/client.ts'
import {findRunning} from '../../../control/find-running.ts'
import type {DynoStatus} from '../../../model/dyno.ts'
import type {PoolDyno} from '../../../model/pool.ts'
import {PoolCommand} from '../../pool/pool-command.ts'
import {isPoolTarget, requireApp, targetFlags} from '../../pool/target-flags.ts'
import {renderDynos} from '../../render/dynos.ts'
import {writeNow} from '../../write.ts'

export class Ps extends PoolCommand {
  static override summary = 'Show the dynos of the running app.'
  static override description =
    'By type: state, since when, pid, port, memory, isolation. `ps` and `status` answer without loading the rest of the program.'
  static override examples = [
    '<%= config.bin %> ps',
    '<%= config.bin %> ps --app hello --json',
    '<%= config.bin %> ps --target ec2 --app shop',
  ]
  static override flags = targetFlags

  async run(): Promise<readonly DynoStatus[] | readonly PoolDyno[]> {
    const {flags} = await this.parse(Ps)
    if (isPoolTarget(flags)) return await this.#showPool(requireApp(flags.app), flags.pool)
    const app = await findRunning({root: flags.root, app: flags.app, settings: this.settings})
    const {dynos} = await callControl<AppStatus>(app, {path: homeportPath(app), timeoutMs: readTimeoutMs})
    if (!this.jsonEnabled()) writeNow(1, renderDynos(dynos, {app: app.name, now: Date.now(), paint: this.paint}))
    return dynos
  }

  async #showPool(app: string, pool: string | undefined): Promise<readonly PoolDyno[]> {
    const {context} = await this.openPool(pool)
    const [{findPoolApp}, {renderPoolDynos}] = await Promise.all([
      import('../../../platform/pool/find-pool-app.ts'),
      import('../../render/pool.ts'),
    ])
    await findPoolApp(context, app)
    const dynos = (await context.engine.dynos(app)).filter(dyno => dyno.state !== 'down' && dyno.state !== 'complete')
    if (!this.jsonEnabled()) writeNow(1, renderPoolDynos(app, dynos, {now: Date.now(), paint: this.paint}))
    return dynos
  }
}
