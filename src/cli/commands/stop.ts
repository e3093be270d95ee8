import {Flags} from '@oclif/core'
import {findRunning, listRunning} from '../../control/find-running.ts'
import {stopApp} from '../../control/stop-app.ts'
import {BaseCommand} from '../base-command.ts'
import {withProgress} from '../progress.ts'

type Stopped = {readonly app: string; readonly root: string; readonly pid: number}

export class Stop extends BaseCommand {
  static override summary = 'Stop the running app in good order, as Ctrl-C does.'
  static override description =
    'Returns when nothing of it is left. With --all stops every app of this machine, and exits 0 also when none runs.'
  static override examples = ['<%= config.bin %> stop', '<%= config.bin %> stop --app hello', '<%= config.bin %> stop --all']
  static override flags = {
    all: Flags.boolean({summary: 'Every app that runs on this machine.', exclusive: ['app']}),
  }

  async run(): Promise<readonly Stopped[]> {
    const {flags} = await this.parse(Stop)
    const apps = flags.all
      ? await listRunning(this.settings)
      : [await findRunning({root: flags.root, app: flags.app, settings: this.settings})]
    if (apps.length === 0) this.log('No app is running on this machine.')
    else await withProgress(`Stopping ${apps.map(({name}) => name).join(', ')}`, () => Promise.all(apps.map(stopApp)))
    return apps.map(({name, root, pid}) => ({app: name, root, pid}))
  }
}
