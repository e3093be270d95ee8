import {Errors} from '@oclif/core'
import {nearest} from '../lib/nearest.ts'
import {HomeportError} from '../model/error.ts'

export type UsageContext = {
  /** `ps:scale`; empty for the program itself. */
  readonly command: string
  /** Names of its flags, without dashes. */
  readonly flags: readonly string[]
  /** Where flags were set that were not typed. */
  readonly origins?: ReadonlyMap<string, string>
}

/** Puts an error of oclif's parser into our words, as USAGE; every other error stays as it is. */
export function usageError(error: unknown, context: UsageContext): unknown {
  if (!(error instanceof Error)) return error
  const fromFlag = /^Parsing --(\S+) \n\t([\s\S]*)\nSee more help with --help$/.exec(error.message)
  if (error instanceof HomeportError) {
    if (fromFlag?.[2] !== undefined) error.message = `${setBy(fromFlag[1], context)}${fromFlag[2]}` // oclif writes into whatever a flag's own parser throws
    return error
  }
  if (!(error instanceof Errors.CLIError)) return error
  const hint = helpHint(context)
  if ('flags' in error && Array.isArray(error.flags)) return unknownFlag(String(error.flags[0]), context)
  if ('args' in error && Array.isArray(error.args)) return wrongArguments(error.args, context)
  if (fromFlag !== null) {
    const origin = setBy(fromFlag[1], context)
    return new HomeportError('FLAG_INVALID', `${origin === '' ? `--${fromFlag[1]}: ` : origin}${fromFlag[2]}`, {hint})
  }
  const missing = [...error.message.matchAll(/^ *Missing required flag (\S+)/gm)].map(([, flag]) => `--${flag}`)
  if (missing.length > 0) return new HomeportError('USAGE', `${nameOf(context)} needs ${missing.join(' and ')}.`, {hint})
  const [, named] = /--([\w-]+)/.exec(error.message) ?? []
  return new HomeportError('USAGE', setBy(named, context) + error.message.replace(/\nSee more help with --help$/, ''), {hint})
}

/** `HOMEPORT_PORT: `, when that is where the flag was set. */
function setBy(flag: string | undefined, {origins}: UsageContext): string {
  const origin = flag === undefined ? undefined : origins?.get(flag)
  return origin === undefined ? '' : `${origin}: `
}

/** For a flag that the command does not have. */
export function unknownFlag(typed: string, context: UsageContext): HomeportError {
  const name = typed.replace(/=.*$/s, '')
  const meant = name.startsWith('--') ? nearest(name.slice(2), context.flags) : undefined
  const hint = meant === undefined ? helpHint(context) : `Did you mean --${meant}? ${helpHint(context)}`
  return new HomeportError('USAGE', `${nameOf(context)} has no flag ${name}.`, {hint})
}

/** For a command that is not there. */
export function unknownCommand(words: readonly string[], ids: readonly string[]): HomeportError {
  // What follows was meant as its arguments, unless it is the second word of a topic: `certs trsut`.
  const isTopic = ids.some(id => id.startsWith(`${words[0]}:`))
  const named = words.slice(0, isTopic ? 2 : 1)
  const meant = nearest(words.join(':'), ids) ?? nearest(named.join(':'), ids) ?? nearest(words[0] ?? '', ids)
  const hint =
    meant === undefined
      ? 'See `homeport help` for all commands.'
      : `Did you mean \`homeport ${meant}\`? See \`homeport help\` for all commands.`
  return new HomeportError('UNKNOWN_COMMAND', `There is no command “${named.join(' ')}”.`, {hint})
}

/** oclif tells of arguments too many by their text, of missing ones by their definition. */
function wrongArguments(wrong: readonly unknown[], context: UsageContext): HomeportError {
  const hint = helpHint(context)
  if (wrong.every(argument => typeof argument === 'string')) {
    return new HomeportError('USAGE', `${nameOf(context)} takes no argument “${wrong[0]}”.`, {hint})
  }
  const names = (wrong as readonly {readonly name: string}[]).map(({name}) => name.toUpperCase())
  return new HomeportError('USAGE', `${nameOf(context)} needs ${names.join(' and ')}.`, {hint})
}

function nameOf({command}: UsageContext): string {
  return command === '' ? '`homeport`' : `\`homeport ${command}\``
}

function helpHint({command}: UsageContext): string {
  return command === '' ? 'See `homeport help`.' : `See \`homeport ${command} --help\`.`
}
