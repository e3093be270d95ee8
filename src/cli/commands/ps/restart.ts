import {Args} from '@oclif/core'
import {appPath} from '../../../control/app-path.ts'
import {callControl} from '../../../control/client.ts'
import {findRunning} from '../../../control/find-running.ts'
import {describeTarget, targetPath} from '../../dyno-target.ts'
import {PoolCommand} from '../../pool/pool-command.ts'
import {isPoolTarget, requireApp, targetFlags} from '../../pool/target-flags.ts'
import {withProgress} from '../../progress.ts'

export class PsRestart extends PoolCommand {
  static override summary = 'Restart a dyno, all of a type, or all.'
  static override description = 'Of web, the new dyno is up before the old one stops, and no request is lost.'
  static override examples = ['<%= config.bin %> ps:restart', '<%= config.bin %> ps:restart web.1', '<%= config.bin %> ps:restart worker']
  static override flags = targetFlags
  static override args = {target: Args.string({description: 'A dyno, such as web.1, or a type; all when left out.'})}

  async run(): Promise<{readonly app: string; readonly restarted: string}> {
    const {args, flags} = await this.parse(PsRestart)
    if (isPoolTarget(flags)) return await this.#restartPool(requireApp(flags.app), args.target, flags.pool)
    const app = await findRunning({root: flags.root, app: flags.app, settings: this.settings})
    const path = args.target === undefined ? appPath(app, 'dynos') : targetPath(app, args.target)
    await withProgress(`Restarting ${describeTarget(args.target)} on ${app.name}`, () => callControl(app, {method: 'DELETE', path}))
    return {app: app.name, restarted: args.target ?? 'all'}
  }

  /** A pool restarts a type at least: its engine has no single dynos. */
  async #restartPool(
    app: string,
    target: string | undefined,
    pool: string | undefined,
  ): Promise<{readonly app: string; readonly restarted: string}> {
    const type = target?.replace(/\.\d+$/, '')
    const {context} = await this.openPool(pool)
    const {restartPoolApp} = await import('../../../platform/pool/restart-pool-app.ts')
    await withProgress(`Restarting ${describeTarget(type)} on ${app}`, () => restartPoolApp(app, type, context))
    return {app, restarted: type ?? 'all'}
  }
}
