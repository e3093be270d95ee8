import {Args} from '@oclif/core'
import {HomeportError} from '../../model/error.ts'
import {BaseCommand, sharedFlags} from '../base-command.ts'
import {flagValues, oclifFlags} from '../flags/oclif-flags.ts'
import {oneOffFlags} from '../flags/one-off-flags.ts'
import {withOneOffSources} from '../run/one-off-sources.ts'
import {runOneOff} from '../run/run-one-off.ts'

export class Run extends BaseCommand {
  static override summary = 'Run a command in a one-off dyno of the app.'
  static override description =
    'One argument is a command line for the shell, several are run exactly as they are. When the first word is a process type, its ' +
    'command runs with the others appended. The exit code is that of the command; flags behind it belong to it.'
  static override examples = [
    {description: 'A shell with the config vars of the app:', command: '<%= config.bin %> run bash'},
    {description: 'The release command, as before a deploy:', command: '<%= config.bin %> run release'},
    {description: 'Exactly these words, no shell between:', command: '<%= config.bin %> run -- node migrate.js --to "v 2"'},
    {description: 'A pipeline:', command: "<%= config.bin %> run 'cat data.csv | node import.js' > report.txt"},
  ]
  static override strict = false
  static override args = {command: Args.string({description: 'The command and its arguments, or a process type.'})}
  static override flags = oclifFlags(oneOffFlags, sharedFlags)
  static override readonly endsFlagsAtArgument = true
  static override readonly hearsSignals = true

  async run(): Promise<void> {
    const typed = await this.parse(Run)
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
}
