import {Args} from '@oclif/core'
import {BaseCommand} from '../base-command.ts'
import {commands} from '../commands.ts'
import {renderShellInit, shells} from '../render/shell-init.ts'

export class ShellInit extends BaseCommand {
  static override summary = 'Print what lets you type `local start` at the prompt of your shell.'
  static override description =
    '`local` is a word of bash, dash and zsh, so it cannot be typed there as it is. What this prints turns a typed `local start` into ' +
    '`homeport start` when you press Enter, and touches neither functions nor scripts. Write `homeport` in scripts and documents.'
  static override examples = [
    {description: 'In ~/.bashrc:', command: 'eval "$(<%= config.bin %> shell-init bash)"'},
    {description: 'In ~/.zshrc:', command: 'eval "$(<%= config.bin %> shell-init zsh)"'},
  ]
  static override args = {shell: Args.string({description: 'The shell.', required: true, options: shells})}

  async run(): Promise<{shell: string; script: string}> {
    const {args} = await this.parse(ShellInit)
    const script = renderShellInit(args.shell, Object.keys(commands))
    this.log(script)
    return {shell: args.shell, script}
  }
}
