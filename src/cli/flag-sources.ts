import {type FlagShape, type FlagShapes, givenFlags} from './argv.ts'
import {flagVariable} from './own-variables.ts'
import {isOn} from './settings.ts'

/** A flag of `start` as it can be set outside of the command line. */
export type SourcedFlag = FlagShape & {
  /** May be given several times: its variable is a comma list. */
  readonly multiple?: boolean
  /** Flags that cannot be used beside it. */
  readonly exclusive?: readonly string[]
}

export type FlagSources = {
  readonly shell: Readonly<Record<string, string | undefined>>
  /** `.homeport.env` of the folder: variables like those of the shell. */
  readonly homeportEnv?: ReadonlyMap<string, string>
  /** `.foreman` of the folder, by name of flag. */
  readonly foreman?: ReadonlyMap<string, string>
}

export type FlagWords = {
  /** To be put before what was typed: `--port=5006`. */
  readonly words: readonly string[]
  /** Where each of these flags was set: `HOMEPORT_PORT`, `HOMEPORT_PORT in .homeport.env`, `.foreman`. */
  readonly origins: ReadonlyMap<string, string>
}

/**
 * The flags that the environment and the folder's files set, as words of an argv: flag beats shell beats `.homeport.env` beats
 * `.foreman` (cli.md section 1). An empty variable is unset. A flag that excludes a typed one is left out.
 */
export function flagWords(argv: readonly string[], flags: Readonly<Record<string, SourcedFlag>>, sources: FlagSources): FlagWords {
  const given = givenFlags(argv, flags as FlagShapes)
  const words: string[] = []
  const origins = new Map<string, string>()
  for (const [name, flag] of Object.entries(flags)) {
    if (given.has(name) || flag.exclusive?.some(other => given.has(other))) continue
    const found = findValue(name, sources)
    if (found === undefined) continue
    const flagWord = wordsOf(name, flag, found.value)
    words.push(...flagWord)
    if (flagWord.length > 0) origins.set(name, found.origin)
  }
  return {words, origins}
}

function findValue(flag: string, {shell, homeportEnv, foreman}: FlagSources): {value: string; origin: string} | undefined {
  const variable = flagVariable(flag)
  const candidates = [
    {value: shell[variable], origin: variable},
    {value: homeportEnv?.get(variable), origin: `${variable} in .homeport.env`},
    {value: foreman?.get(flag), origin: '.foreman'},
  ]
  for (const {value, origin} of candidates) if (value !== undefined && value !== '') return {value, origin}
  return undefined
}

function wordsOf(name: string, flag: SourcedFlag, value: string): readonly string[] {
  if (flag.type === 'boolean') {
    if (isOn(value)) return [`--${name}`]
    return flag.allowNo === true ? [`--no-${name}`] : []
  }
  const values = flag.multiple === true ? value.split(',').map(part => part.trim()) : [value]
  return values.filter(part => part !== '').map(part => `--${name}=${part}`)
}
