import {Args} from '@oclif/core'
import {appPath} from '../../../control/app-path.ts'
import {callControl} from '../../../control/client.ts'
import {findRunning} from '../../../control/find-running.ts'
import {BaseCommand} from '../../base-command.ts'
import {withProgress} from '../../progress.ts'

export class FeaturesDisable extends BaseCommand {
  static override summary = 'Switch a feature of the running app off.'
  static override description = 'http-session-affinity: the requests of one browser go to one dyno, by a cookie.'
  static override examples = ['<%= config.bin %> features:disable http-session-affinity']
  static override args = {feature: Args.string({description: 'The feature.', required: true})}

  async run(): Promise<{readonly app: string; readonly feature: string; readonly enabled: boolean}> {
    const {args, flags} = await this.parse(FeaturesDisable)
    const app = await findRunning({root: flags.root, app: flags.app, settings: this.settings})
    const change = () => callControl(app, {method: 'PATCH', path: appPath(app, 'features', args.feature), body: {enabled: false}})
    await withProgress(`Disabling ${args.feature} for ${app.name}`, change)
    return {app: app.name, feature: args.feature, enabled: false}
  }
}
