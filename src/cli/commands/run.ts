import {Args} from '@oclif/core'
import {HomeportError} from '../../model/error.ts'
import type {PlatformEvent} from '../../model/event.ts'
import {sharedFlags} from '../base-command.ts'
import {flagValues, oclifFlags} from '../flags/oclif-flags.ts'
import {oneOffFlags} from '../flags/one-off-flags.ts'
import {PoolCommand} from '../pool/pool-command.ts'
import {isPoolTarget, requireApp, targetFlags} from '../pool/target-flags.ts'
import {withOneOffSources} from '../run/one-off-sources.ts'
import {runOneOff} from '../run/run-one-off.ts'
import {untilEnded} from '../until-ended.ts'
import {writeNow} from '../write.ts'

/** What `run` takes on a pool; the rest is about this machine. */
const poolFlagNames = new Set(['target', 'pool', 'app', 'size', 'root', 'json', 'color', 'no-tty', 'exit-code'])

export class Run extends PoolCommand {
  static override summary = 'Run a command in a one-off dyno of the app.'
  static override description =
    'One argument is a command line for the shell, several are run exactly as they are. When the first word is a process type, its ' +
    'command runs with the others appended. The exit code is that of the command; flags behind it belong to it.'
  static override examples = [
    {description: 'A shell with the config vars of the app:', command: '<%= config.bin %> run bash'},
    {description: 'The release command, as before a deploy:', command: '<%= config.bin %> run release'},
    {description: 'Exactly these words, no shell between:', command: '<%= config.bin %> run -- node migrate.js --to "v 2"'},
    {description: 'A pipeline:', command: "<%= config.bin %> run 'cat data.csv | node import.js' > report.txt"},
    {description: 'On the pool, without a terminal:', command: '<%= config.bin %> run --target ec2 --app shop -- node migrate.js'},
  ]
  static override strict = false
  static override args = {command: Args.string({description: 'The command and its arguments, or a process type.'})}
  static override flags = {...targetFlags, ...oclifFlags(oneOffFlags, sharedFlags)}
  static override readonly endsFlagsAtArgument = true
  static override readonly hearsSignals = true

  async run(): Promise<void> {
    const typed = await this.parse(Run)
    if (isPoolTarget(typed.flags)) {
      this.exitCode = await this.#runOnPool(flagValues(typed.flags), typed.argv as string[])
      return
    }
    const parsed = await this.parse(Run, [...withOneOffSources(this.argv, flagValues(typed.flags), process.env)])
    const words = parsed.argv as string[]
    if (words.length === 0) throw new HomeportError('USAGE', '`homeport run` needs a command.', {hint: 'For example `homeport run bash`.'})
    this.exitCode = await runOneOff({
      values: flagValues(parsed.flags),
      words,
      settings: this.settings,
      env: process.env,
      warn: text => void this.warn(text),
    })
  }

  /** The command's output and exit code; a signal to us takes the dyno away. */
  async #runOnPool(values: ReturnType<typeof flagValues>, words: readonly string[]): Promise<number> {
    const foreign = Object.keys(values).find(name => !poolFlagNames.has(name))
    if (foreign !== undefined)
      throw new HomeportError('USAGE', `--${foreign} does not go with --target ec2.`, {
        hint: 'A one-off dyno of a pool is of the release that serves.',
      })
    const app = requireApp(values['app'] as string | undefined)
    if (words.length === 0)
      throw new HomeportError('USAGE', '`homeport run` needs a command.', {hint: 'For example `homeport run -- date`.'})
    const {runOnPool} = await import('../../platform/pool/run-on-pool.ts')
    const size = values['size'] as string | undefined
    return await untilEnded(async () => {
      const {context} = await this.openPool(values['pool'] as string | undefined, showOutput)
      const {exitCode} = await runOnPool({app, words, ...(size === undefined ? {} : {size})}, context)
      return exitCode
    })
  }
}

/** What the dyno wrote, as it wrote it. */
function showOutput(event: PlatformEvent): void {
  if (event.type === 'output') writeNow(event.stream === 'stderr' ? 2 : 1, event.lines.toString())
}
