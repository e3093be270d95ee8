import {BaseCommand, sharedFlags} from '../base-command.ts'
import {runCi} from '../ci/run-ci.ts'
import {ciFlags} from '../flags/ci-flags.ts'
import {flagValues, oclifFlags} from '../flags/oclif-flags.ts'
import {StopSignals} from '../start/stop-signals.ts'

export class Ci extends BaseCommand {
  static override summary = 'Build the app, run it as the platform would, check it, leave nothing.'
  static override description =
    'Builds a slug, runs the release command, starts one dyno of each type, waits until web listens, asks the urls, runs the command, and stops. ' +
    'The exit code tells the phase: 3 the app, 4 the build, 5 the machine, 6 a dyno, 8 a check; that of CMD when the urls passed.'
  static override usage = 'ci [FLAGS] [-- CMD…]'
  static override examples = [
    {description: 'Three checks:', command: "<%= config.bin %> ci --url / --url '/login=200~Sign in' --url /nope=404"},
    {
      description: "With the app's own tests, and a report for the build server:",
      command: '<%= config.bin %> ci --junit ci.xml -- npm run e2e',
    },
  ]
  static override strict = false
  static override flags = oclifFlags(ciFlags, sharedFlags)
  static override readonly hearsSignals = true

  async run(): Promise<void> {
    const signals = new StopSignals()
    const {flags, argv} = await this.parse(Ci)
    this.exitCode = await runCi({
      values: flagValues(flags),
      command: argv.map(String),
      settings: this.settings,
      env: process.env,
      signals,
      warn: text => void this.warn(text),
    })
  }
}
