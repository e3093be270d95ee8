import {appPath} from '../../../control/app-path.ts'
import {callControl} from '../../../control/client.ts'
import {findRunning} from '../../../control/find-running.ts'
import {BaseCommand} from '../../base-command.ts'
import {withProgress} from '../../progress.ts'

export class MaintenanceOff extends BaseCommand {
  static override summary = 'End maintenance mode.'
  static override description = 'Requests reach the app again.'
  static override examples = ['<%= config.bin %> maintenance:off']

  async run(): Promise<{readonly app: string; readonly maintenance: boolean}> {
    const {flags} = await this.parse(MaintenanceOff)
    const app = await findRunning({root: flags.root, app: flags.app, settings: this.settings})
    const change = () => callControl(app, {method: 'PATCH', path: appPath(app), body: {maintenance: false}})
    await withProgress(`Disabling maintenance mode for ${app.name}`, change)
    return {app: app.name, maintenance: false}
  }
}
