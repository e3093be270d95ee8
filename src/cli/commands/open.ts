import {Args} from '@oclif/core'
import {findRunning} from '../../control/find-running.ts'
import {openBrowser} from '../../lib/open-browser.ts'
import {HomeportError} from '../../model/error.ts'
import {BaseCommand} from '../base-command.ts'

export class Open extends BaseCommand {
  static override summary = 'Open the running app in the browser.'
  static override description = 'BROWSER names another browser. Where there is none, the address is printed.'
  static override examples = ['<%= config.bin %> open', '<%= config.bin %> open /login']
  static override args = {path: Args.string({description: 'Path to open.', default: '/'})}

  async run(): Promise<{readonly url: string; readonly opened: boolean}> {
    const {args, flags} = await this.parse(Open)
    const app = await findRunning({root: flags.root, app: flags.app, settings: this.settings})
    if (app.url === undefined) {
      throw new HomeportError('USAGE', `${app.name} runs without a router, so it has no address.`, {
        hint: 'See the ports of its dynos with `homeport ps`.',
      })
    }
    const url = new URL(args.path.startsWith('/') ? args.path : `/${args.path}`, app.url).href
    const opened = await openBrowser(url, {env: process.env, platform: process.platform})
    this.log(opened ? `Opening ${url}` : url)
    return {url, opened}
  }
}
