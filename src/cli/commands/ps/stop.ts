import {Args} from '@oclif/core'
import {callControl} from '../../../control/client.ts'
import {findRunning} from '../../../control/find-running.ts'
import {BaseCommand} from '../../base-command.ts'
import {describeTarget, targetPath} from '../../dyno-target.ts'
import {withProgress} from '../../progress.ts'

export class PsStop extends BaseCommand {
  static override summary = 'Stop a dyno, or all of a type.'
  static override description = 'A dyno of the formation is started again, as on the platform; `ps:scale TYPE=0` keeps it away.'
  static override examples = ['<%= config.bin %> ps:stop web.1', '<%= config.bin %> ps:stop worker']
  static override args = {target: Args.string({description: 'A dyno, such as web.1, or a type.', required: true})}

  async run(): Promise<{readonly app: string; readonly stopped: string}> {
    const {args, flags} = await this.parse(PsStop)
    const app = await findRunning({root: flags.root, app: flags.app, settings: this.settings})
    const path = `${targetPath(app, args.target)}/actions/stop`
    await withProgress(`Stopping ${describeTarget(args.target)} on ${app.name}`, () => callControl(app, {method: 'POST', path}))
    return {app: app.name, stopped: args.target}
  }
}
