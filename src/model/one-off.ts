import {shellWord} from '../lib/shell-word.ts'
import type {ProcessTypes} from './formation.ts'

/**
 * What a one-off dyno runs for the words that were typed (cli.md section 5): one word is a shell command line, several are an exact
 * argv. When the first word names a process type, it is that type's command, the rest appended, `release` too (platform.md a.2).
 */
export function planOneOff(words: readonly string[], types: ProcessTypes): string | readonly string[] {
  const [first = '', ...rest] = words
  if (rest.length > 0) {
    const command = types.get(first)
    return command === undefined ? words : [command, ...rest.map(shellWord)].join(' ')
  }
  const [whole = first, name = first, more = ''] = /^\s*([\w-]+)(\s[\s\S]*)?$/.exec(first) ?? []
  const command = types.get(name)
  return command === undefined ? whole : command + more
}

/** How such a command is shown to a person. */
export function renderCommand(command: string | readonly string[]): string {
  return typeof command === 'string' ? command : command.map(shellWord).join(' ')
}

/** `run.4711`: a number of four digits (platform.md a.4); `chance` is from 0 up to 1. */
export function oneOffName(chance: number): string {
  return `run.${1_000 + Math.floor(chance * 9_000)}`
}
