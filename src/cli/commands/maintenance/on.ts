import {appPath} from '../../../control/app-path.ts'
import {callControl} from '../../../control/client.ts'
import {findRunning} from '../../../control/find-running.ts'
import {BaseCommand} from '../../base-command.ts'
import {withProgress} from '../../progress.ts'

export class MaintenanceOn extends BaseCommand {
  static override summary = 'Answer every request with a maintenance page.'
  static override description = 'The dynos keep running; every request is answered 503 (H80).'
  static override examples = ['<%= config.bin %> maintenance:on']

  async run(): Promise<{readonly app: string; readonly maintenance: boolean}> {
    const {flags} = await this.parse(MaintenanceOn)
    const app = await findRunning({root: flags.root, app: flags.app, settings: this.settings})
    const change = () => callControl(app, {method: 'PATCH', path: appPath(app), body: {maintenance: true}})
    await withProgress(`Enabling maintenance mode for ${app.name}`, change)
    return {app: app.name, maintenance: true}
  }
}
