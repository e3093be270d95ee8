import {Args, Flags} from '@oclif/core'
import {showEnv} from '../../platform/show-env.ts'
import {BaseCommand} from '../base-command.ts'
import type {FlagSources} from '../flag-sources.ts'
import {folderFlags} from '../folder-flags.ts'
import {envDocument, renderEnv} from '../render/env.ts'
import {renderFileWarning} from '../render/problems.ts'
import {writeNow} from '../write.ts'

export class Env extends BaseCommand {
  static override summary = 'Show what a dyno would see in its environment, and where that comes from.'
  static override description =
    "The shell's variables, those of .env over them, then Homeport's own. Reads the files that `start` would read; needs no Procfile. Values are masked unless --show."
  static override examples = [
    '<%= config.bin %> env',
    {description: 'Where one variable comes from, and its value:', command: '<%= config.bin %> env DATABASE_URL --show'},
    {description: 'With two files, the later wins:', command: '<%= config.bin %> env -e .env,.env.test --json'},
  ]
  static override readonly readsFlagVariables = true
  static override args = {name: Args.string({description: 'This variable only.'})}
  static override flags = {
    env: Flags.string({char: 'e', summary: 'File instead of .env; repeatable, the later wins.', helpValue: 'FILE', multiple: true}),
    expand: Flags.boolean({summary: 'Expand $NAME in values.', allowNo: true}),
    show: Flags.boolean({summary: 'Show the values.'}),
  }

  async run(): Promise<unknown> {
    const {flags, args} = await this.parse(Env)
    const {root, env = [], expand, show} = flags
    const {shellEnv} = this.settings
    const {variables, warnings} = showEnv(root, {env, expand, shellEnv, ...(args.name === undefined ? {} : {name: args.name})})
    for (const warning of warnings) this.warn(renderFileWarning(warning))
    if (!flags.json) writeNow(1, renderEnv(variables, {show}))
    return envDocument(variables, {show})
  }

  /** Of what the folder's files may set only the files to read: a cloned folder shall not unmask values. */
  protected override async flagFiles(): Promise<Omit<FlagSources, 'shell'>> {
    const {homeportEnv, foreman} = folderFlags(this.argv, process.env)
    return {homeportEnv: new Map([...homeportEnv].filter(([name]) => name === 'HOMEPORT_ENV' || name === 'HOMEPORT_EXPAND')), foreman}
  }
}
