import {homeportPath} from '../../../control/app-path.ts'
import type {AppStatus} from '../../../control/app-status.ts'
import {callControl, readTimeoutMs} from '../../../control/client.ts'
import {findRunning} from '../../../control/find-running.ts'
import type {DynoStatus} from '../../../model/dyno.ts'
import {BaseCommand} from '../../base-command.ts'
import {renderDynos} from '../../render/dynos.ts'
import {writeNow} from '../../write.ts'

export class Ps extends BaseCommand {
  static override summary = 'Show the dynos of the running app.'
  static override description =
    'By type: state, since when, pid, port, memory, isolation. `ps` and `status` answer without loading the rest of the program.'
  static override examples = ['<%= config.bin %> ps', '<%= config.bin %> ps --app hello --json']

  async run(): Promise<readonly DynoStatus[]> {
    const {flags} = await this.parse(Ps)
    const app = await findRunning({root: flags.root, app: flags.app, settings: this.settings})
    const {dynos} = await callControl<AppStatus>(app, {path: homeportPath(app), timeoutMs: readTimeoutMs})
    if (!this.jsonEnabled()) writeNow(1, renderDynos(dynos, {app: app.name, now: Date.now(), paint: this.paint}))
    return dynos
  }
}
