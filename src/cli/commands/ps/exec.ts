import {Args} from '@oclif/core'
import {openExecSession} from '../../../control/exec-session.ts'
import {findRunning} from '../../../control/find-running.ts'
import {openProcessTable} from '../../../lib/process-table/process-table.ts'
import {execInDyno} from '../../../platform/exec-in-dyno.ts'
import {BaseCommand, sharedFlags} from '../../base-command.ts'
import {oclifFlags} from '../../flags/oclif-flags.ts'
import {terminalFlags} from '../../flags/one-off-flags.ts'
import {attachUser} from '../../run/attach-user.ts'
import {AttachedSignals} from '../../run/attached-signals.ts'
import {execCommand} from '../../run/exec-command.ts'
import {writeNow} from '../../write.ts'

export class PsExec extends BaseCommand {
  static override summary = 'Run a shell or a command inside a running dyno.'
  static override description =
    "In that dyno's environment, folder and isolation, with a real terminal; without a command it is a shell. It ends with the dyno. " +
    'One word is a command line for the shell, several are run exactly as they are; the exit code is passed on.'
  static override examples = ['<%= config.bin %> ps:exec web.1', "<%= config.bin %> ps:exec worker.1 -- 'ps -ef | head'"]
  static override strict = false
  static override args = {
    dyno: Args.string({description: 'A dyno, such as web.1.', required: true}),
    command: Args.string({description: 'The command and its arguments.'}),
  }
  static override flags = oclifFlags(terminalFlags, sharedFlags)
  static override readonly endsFlagsAtArgument = 2
  static override readonly hearsSignals = true

  async run(): Promise<void> {
    const signals = new AttachedSignals()
    const {flags, args, argv} = await this.parse(PsExec)
    const words = (argv as string[]).slice(1)
    const app = await findRunning({root: flags.root, app: flags.app, settings: this.settings})
    const over = new AbortController()
    const {commandLine, closes} = await openExecSession(app, {
      dyno: args.dyno,
      ...execCommand(words, process.env),
      signal: over.signal,
    })
    let isClosed = false
    const world = {settings: this.settings, table: openProcessTable()}
    this.exitCode = await attachUser(signals, {
      noTerminal: flags['no-tty'] === true,
      settings: this.settings,
      start: async io => {
        const attached = await execInDyno(commandLine, {io, complain: text => writeNow(2, `${text}\n`)}, world)
        void attached.ended.then(() => over.abort())
        void closes.then(() => {
          if (over.signal.aborted) return
          isClosed = true
          void attached.stop()
        })
        return attached
      },
    })
    if (isClosed) writeNow(2, `\n${args.dyno} has been stopped or has ended, and so has what ran inside.\n`)
  }
}
