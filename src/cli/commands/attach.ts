import {Args} from '@oclif/core'
import {findRunning} from '../../control/find-running.ts'
import {openDynoTerminal} from '../../control/open-dyno-terminal.ts'
import {BaseCommand} from '../base-command.ts'
import {attachTerminal} from '../terminal/attach-terminal.ts'
import {windowSize} from '../terminal/window-size.ts'

export class Attach extends BaseCommand {
  static override summary = 'Look into the terminal of a dyno, and type there.'
  static override description =
    'For a dyno started with `start --tty TYPE`. A type means its first dyno: `attach web` is `attach web.1`. Shows what was written ' +
    'last, then what comes; all keys go to the dyno, Ctrl-C too. Ctrl-] leaves, and the dyno goes on. Several may be attached at once; ' +
    'the terminal has the size of who came or resized last.'
  static override examples = [{description: 'Of an app started with `start --tty web`:', command: '<%= config.bin %> attach web'}]
  static override args = {dyno: Args.string({description: 'A type, such as web, or a dyno, such as web.2.', required: true})}

  async run(): Promise<void> {
    const {args, flags} = await this.parse(Attach)
    const app = await findRunning({root: flags.root, app: flags.app, settings: this.settings})
    const terminal = await openDynoTerminal(app, args.dyno, windowSize())
    this.cleanUp.use(terminal)
    await attachTerminal(terminal, {name: args.dyno, cleanUp: this.cleanUp})
  }
}
