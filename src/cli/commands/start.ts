import {Args} from '@oclif/core'
import {BaseCommand, sharedFlags} from '../base-command.ts'
import {flagValues, oclifFlags} from '../flags/oclif-flags.ts'
import {startFlags} from '../flags/start-flags.ts'
import {flagsFolder} from '../folder-flags.ts'
import {runStart} from '../start/run-start.ts'
import {withFlagSources} from '../start/start-request.ts'

export class Start extends BaseCommand {
  static override summary = 'Run the app of this folder.'
  static override description =
    'Reads the Procfile and .env, starts one dyno of each process type, opens the router and shows one log, until Ctrl-C. ' +
    'Every flag has a variable, such as HOMEPORT_PORT; a file .homeport.env in the folder sets them.'
  static override examples = [
    {description: 'Everything in the Procfile:', command: '<%= config.bin %> start'},
    {
      description: 'Two web dynos and no worker, on another port, restarted on save:',
      command: '<%= config.bin %> start web=2 worker=0 --port 8080 --watch',
    },
    {
      description: 'In the background, then its log and its end:',
      command: '<%= config.bin %> start --detach && <%= config.bin %> logs --tail',
    },
  ]
  static override strict = false
  static override args = {formation: Args.string({description: 'TYPE for only that type, TYPE=N for its quantity; repeatable.'})}
  static override flags = oclifFlags(startFlags, sharedFlags)
  static override readonly hearsSignals = true

  async run(): Promise<void> {
    // What was typed is looked at by itself, and first.
    await this.parse(Start)
    const {argv, origins, notes} = withFlagSources(this.argv, flagsFolder(this.argv, process.env), process.env)
    this.flagOrigins = origins
    const parsed = await this.parse(Start, [...argv])
    for (const note of notes) this.warn(note)
    this.exitCode = await runStart({
      values: flagValues(parsed.flags),
      arguments: parsed.argv as string[],
      argv,
      untyped: new Set(origins.keys()),
      settings: this.settings,
      env: process.env,
      warn: text => void this.warn(text),
    })
  }
}
