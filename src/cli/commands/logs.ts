import {Flags} from '@oclif/core'
import {findRunning} from '../../control/find-running.ts'
import {whenStopped} from '../../control/when-stopped.ts'
import {logFolder} from '../../engines/log/log-folder.ts'
import {HomeportError} from '../../model/error.ts'
import {parseSince} from '../../model/since.ts'
import {findLog} from '../../platform/find-log.ts'
import {PoolCommand} from '../pool/pool-command.ts'
import {poolLogEvents} from '../pool/pool-log-events.ts'
import {isPoolTarget, requireApp, targetFlags} from '../pool/target-flags.ts'
import {printEvents, printLog} from '../print-log.ts'
import {type LogFormat, logFormats} from '../render/line.ts'

export class Logs extends PoolCommand {
  static override summary = 'Show the log of an app, running or not.'
  static override description =
    'History survives the end of `start`, at least the last 1,500 lines. All filters hold together. --tail needs a running app and ends with it.'
  static override examples = [
    '<%= config.bin %> logs --num 500',
    '<%= config.bin %> logs --tail --type web',
    '<%= config.bin %> logs --tail --target ec2 --app shop',
    "<%= config.bin %> logs --since 10m --source heroku --grep 'status=5..'",
  ]
  static override flags = {
    ...targetFlags,
    num: Flags.integer({char: 'n', summary: 'The newest so many lines (default: 100; with --since: all).', helpValue: 'N', min: 0}),
    tail: Flags.boolean({char: 't', summary: 'Stay, and show what comes.'}),
    dyno: Flags.string({char: 'd', aliases: ['dyno-name'], summary: 'Only this dyno.', helpValue: 'DYNO'}),
    type: Flags.string({char: 'p', aliases: ['process-type'], summary: 'Only dynos of this type.', helpValue: 'TYPE'}),
    source: Flags.option({char: 's', options: ['app', 'heroku'] as const, summary: "Only the app's own lines, or the platform's."})(),
    since: Flags.string({summary: 'Only lines of that last time, or since a time.', helpValue: '10m'}),
    grep: Flags.string({summary: 'Only lines with a match of this regular expression.', helpValue: 'RE'}),
    'log-format': Flags.option({options: logFormats, summary: 'Form of the lines.', default: 'short' as LogFormat})(),
    timestamps: Flags.boolean({summary: 'Time before each line.', allowNo: true, default: true}),
  }

  async run(): Promise<void> {
    const {flags} = await this.parse(Logs)
    const {root, app, tail, num, dyno, type, source} = flags
    const since = flags.since === undefined ? undefined : parseSince(flags.since, Date.now())
    const grep = readPattern(flags.grep)
    const ending = new AbortController()
    this.cleanUp.defer(() => ending.abort())
    const query = {num: num ?? (since === undefined ? 100 : undefined), dyno, type, source, since, grep, tail, signal: ending.signal}
    if (isPoolTarget(flags)) {
      const {context} = await this.openPool(flags.pool)
      const format = this.jsonEnabled() ? ('json' as const) : flags['log-format']
      await printEvents(await poolLogEvents(context, {...query, app: requireApp(app)}), {
        format,
        timestamps: flags.timestamps,
        isColoured: this.isColoured,
      })
      return
    }
    const {stateDir} = this.settings
    const running = tail ? await findRunning({root, app, settings: this.settings}) : undefined
    // An app that has just been started may have no log yet: that is waited for.
    const folder = running === undefined ? await findLog({stateDir, root, app}) : logFolder(stateDir, running)
    if (running !== undefined) void whenStopped(running, ending.signal).then(() => ending.abort())
    await printLog(folder, {
      query,
      format: this.jsonEnabled() ? 'json' : flags['log-format'],
      timestamps: flags.timestamps,
      isColoured: this.isColoured,
    })
  }
}

function readPattern(text: string | undefined): RegExp | undefined {
  try {
    return text === undefined ? undefined : new RegExp(text)
  } catch (cause) {
    throw new HomeportError('FLAG_INVALID', `--grep “${text}” is no regular expression.`, {
      hint: 'Put quotes round it, and a \\ before a bracket that is meant as such.',
      cause,
    })
  }
}
