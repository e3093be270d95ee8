import {isatty} from 'node:tty'
import {endOfFlags, type FoundCommand, findCommand} from './argv.ts'
import {sharedFlags} from './base-command.ts'
import {wantsColour} from './colour.ts'
import {type CommandClass, commands} from './commands.ts'
import {HomeportHelp} from './help.ts'
import {loadConfig} from './oclif-config.ts'
import {reportError} from './report-error.ts'
import {SignalError, untilEnded} from './until-ended.ts'
import {unknownCommand, unknownFlag} from './usage-error.ts'

const helpFlags = new Set(['--help', '-h'])

/** Everything that is not answered fast: runs the command or shows the help that is asked for, and ends the process with its exit code. */
export async function cli(argv: readonly string[]): Promise<void> {
  const isHelp = argv[0] === 'help'
  const found = findCommand(isHelp ? argv.slice(1) : argv, new Set(Object.keys(commands)), sharedFlags)
  const code = await dispatch(found, {isHelp})
  // A failed command may have left something open that would keep the process alive.
  if (code === 0) process.exitCode = 0
  else process.exit(code)
}

async function dispatch(found: FoundCommand, {isHelp}: {readonly isHelp: boolean}): Promise<number> {
  try {
    const {id, argv} = found
    const load = id === undefined ? undefined : commands[id]
    if (id === undefined || load === undefined) return await showTopic(found)
    const CommandClass = await load()
    CommandClass.id = id
    if (isHelp || asksForHelp(argv, CommandClass)) return await showHelp([id])
    return await new CommandClass([...argv], await loadConfig()).execute()
  } catch (error) {
    if (error instanceof SignalError) return error.exitCode
    return reportError(error, {isJson: found.argv.includes('--json'), colourFlag: found.argv.includes('--no-color') ? false : undefined})
  }
}

/** What is typed names no command: help for `homeport` alone or for a topic such as `certs`, else an error. */
async function showTopic({words, argv}: FoundCommand): Promise<number> {
  const topic = words.join(':')
  const ids = Object.keys(commands)
  if (words.length > 0 && !ids.some(id => id.startsWith(`${topic}:`))) throw unknownCommand(words, ids)
  const known = new Set([...helpFlags, ...Object.keys(sharedFlags).map(name => `--${name}`), '--no-color'])
  const unknown = argv.find(word => word.startsWith('-') && !known.has(word))
  if (unknown !== undefined) throw unknownFlag(unknown, {command: '', flags: ['help', 'version', ...Object.keys(sharedFlags)]})
  return await showHelp(words.length === 0 ? [] : [topic])
}

async function showHelp(subject: string[]): Promise<number> {
  const isColoured = wantsColour({isTerminal: isatty(1), env: process.env})
  const help = new HomeportHelp(await loadConfig(), {stripAnsi: !isColoured})
  await untilEnded(() => help.showHelp(subject))
  return 0
}

function asksForHelp(argv: readonly string[], {flags, endsFlagsAtArgument}: CommandClass): boolean {
  const end = endOfFlags(argv, {...flags, ...sharedFlags}, {endsAtArgument: endsFlagsAtArgument})
  return argv.slice(0, end).some(word => helpFlags.has(word))
}
