// A command with everything that BaseCommand offers, run as a program by test/cli/base-command.test.ts.
import {Args, Flags} from '@oclif/core'
import {BaseCommand} from '../../src/cli/base-command.ts'
import {loadConfig} from '../../src/cli/oclif-config.ts'
import {HomeportError} from '../../src/model/error.ts'

class Trial extends BaseCommand {
  static override id = 'trial'
  static override readonly endsFlagsAtArgument: boolean = process.env['TRIAL_PASSES_FLAGS'] === '1'
  static override readonly readsFlagVariables: boolean = true
  static override args = {words: Args.string({multiple: process.env['TRIAL_ONE_ARGUMENT'] !== '1'})}
  static override flags = {
    port: Flags.integer({char: 'p', min: 0, max: 65535}),
    env: Flags.string({char: 'e', multiple: true}),
    watch: Flags.boolean({char: 'w', allowNo: true}),
  }

  async run(): Promise<unknown> {
    const {args, flags} = await this.parse(Trial)
    const [what] = [args.words ?? []].flat()
    this.cleanUp.defer(async () => {
      if (what === 'hang-in-clean-up') await new Promise(resolve => setTimeout(resolve, 60_000))
      if (what === 'fail-in-clean-up') throw new HomeportError('DISK_FULL', 'No room to clean up.')
      process.stderr.write('cleaned up\n')
    })
    if (what === 'wait' || what === 'hang-in-clean-up') await this.#wait()
    if (what === 'chatter') await this.#chatter()
    if (what === 'fail') throw new HomeportError('PROCFILE_MISSING', 'No Procfile.', {hint: 'Write one.'})
    if (what === 'bug') throw new TypeError('x is undefined')
    if (what === 'warn') this.warn('Watch out.')
    if (what === 'pass-on') this.exitCode = 7
    if (what === 'nothing') return undefined
    return {args, flags, port: this.flagOrigins.get('port')}
  }

  async #wait(): Promise<never> {
    process.stderr.write('waiting\n')
    return await new Promise<never>(() => setInterval(() => {}, 1000))
  }

  async #chatter(): Promise<never> {
    for (;;) {
      this.log('chatter '.repeat(100))
      await new Promise(resolve => setTimeout(resolve, 1))
    }
  }

  protected override async flagFiles() {
    return {homeportEnv: new Map([['HOMEPORT_PORT', process.env['TRIAL_FILE_PORT'] ?? '']])}
  }
}

process.exit(await new Trial(process.argv.slice(2), await loadConfig()).execute())
