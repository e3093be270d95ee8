import {Flags} from '@oclif/core'
import type {AppStatus} from '../../control/app-status.ts'
import {readApps} from '../../control/read-apps.ts'
import {waitUntilReady} from '../../control/wait-until-ready.ts'
import {BaseCommand} from '../base-command.ts'
import {renderApps} from '../render/apps.ts'
import {writeNow} from '../write.ts'

export class Status extends BaseCommand {
  static override summary = 'Show what runs on this machine.'
  static override description =
    'Exits 0 also when nothing runs. With --wait, first waits until every dyno of the app of this folder (or of --app) is up; exits 6 when that takes longer, 5 when no such app is running by then.'
  static override examples = ['<%= config.bin %> status', '<%= config.bin %> status --wait 30 && curl localhost:5006']
  static override flags = {
    wait: Flags.integer({summary: 'Wait until the app is ready, at most so long.', helpValue: 'SECONDS', min: 0}),
  }

  async run(): Promise<readonly AppStatus[]> {
    const {flags} = await this.parse(Status)
    if (flags.wait !== undefined) await waitUntilReady({root: flags.root, app: flags.app, settings: this.settings}, {seconds: flags.wait})
    const apps = await readApps(this.settings, flags.app)
    if (!this.jsonEnabled()) writeNow(1, renderApps(apps, this.paint))
    return apps
  }
}
