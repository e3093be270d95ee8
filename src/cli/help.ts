import {CommandHelp, Help, type Interfaces} from '@oclif/core'

/** Help in oclif's shape, with a usage line that stays a line, and without the summary said twice. */
export class HomeportHelp extends Help {
  protected override CommandHelpClass = HomeportCommandHelp

  constructor(config: Interfaces.Config, options: Partial<Interfaces.HelpOptions> = {}) {
    super(config, {...options, docopts: false, flagSortOrder: 'none'})
  }

  override formatRoot(): string {
    const {bin, pjson, userAgent} = this.config
    const usage = [`$ ${bin} COMMAND [FLAGS]`, `$ ${bin} help COMMAND`].join('\n')
    return [this.wrap(pjson['description'] ?? '', 0), this.section('VERSION', userAgent), this.section('USAGE', usage)].join('\n\n')
  }
}

class HomeportCommandHelp extends CommandHelp {
  override renderList(...[input, options]: Parameters<CommandHelp['renderList']>): string {
    const indent = /^ */.exec(input[0]?.[0] ?? '')?.[0] ?? '' // of a first flag without a letter, which oclif trims
    return indent + super.renderList(input, options)
  }

  protected override arg(argument: Parameters<CommandHelp['arg']>[0]): string {
    const text = super.arg(argument)
    return (argument.multiple === true || this.command.strict === false) && !text.includes('…') ? text.replace(/\]?$/, '…$&') : text
  }

  protected override defaultUsage(): string {
    return `${super.defaultUsage()} [FLAGS]`
  }

  /** The flags that every command has come last. */
  protected override groupFlags(flags: Parameters<CommandHelp['groupFlags']>[0]): ReturnType<CommandHelp['groupFlags']> {
    const {mainFlags, flagGroups} = super.groupFlags(flags)
    const {GLOBAL = [], ...others} = flagGroups
    return {mainFlags, flagGroups: {...others, GLOBAL}}
  }

  protected override description(): string | undefined {
    return this.command.description === undefined ? undefined : this.wrap(this.command.description)
  }
}
