import type {BaseCommand} from './base-command.ts'

/** What a file of commands/ brings: a class that can be made and run. */
export type CommandClass = Pick<typeof BaseCommand, 'flags' | 'endsFlagsAtArgument'> & {
  id: string
  new (argv: string[], config: BaseCommand['config']): BaseCommand
}

/** The table of contents: the name of each command and where it is. After a change: `npm run manifest`. */
export const commands: Readonly<Record<string, () => Promise<CommandClass>>> = {
  check: async () => (await import('./commands/check.ts')).Check,
  env: async () => (await import('./commands/env.ts')).Env,
  'shell-init': async () => (await import('./commands/shell-init.ts')).ShellInit,
}
