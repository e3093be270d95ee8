/** One flag as data, in the framework's own words: what its help, the quick parser and the `HOMEPORT_…` variables are made from. */
export type FlagSpec = {
  readonly type: 'boolean' | 'option'
  readonly summary: string
  readonly char?: string
  readonly isInteger?: boolean
  /** May be given several times; in a variable, and where `isList`, in each value too, commas separate. */
  readonly multiple?: boolean
  readonly isList?: boolean
  readonly options?: readonly string[]
  /** A boolean that has a `--no-NAME` form too. */
  readonly allowNo?: boolean
  /** What stands for the value in the help: `FILE`. */
  readonly helpValue?: string
  readonly helpGroup?: string
}

export type FlagTable = Readonly<Record<string, FlagSpec>>

/** What was typed, by flag name: strings as they are, integers and booleans read. */
export type FlagValues = Readonly<Record<string, string | number | boolean | readonly string[]>>

export type ParsedFlags = {readonly values: FlagValues; readonly arguments: readonly string[]}

/**
 * Parses what is certainly right, and nothing else: undefined for help, an unknown flag or a bad value, which the command
 * framework then explains. So the common case needs no framework before the first dyno runs. With `endsAtArgument` what comes
 * behind `--` or the first argument belongs to that.
 */
export function parseQuickly(argv: readonly string[], table: FlagTable, {endsAtArgument = false} = {}): ParsedFlags | undefined {
  const values: Record<string, string | number | boolean> = {}
  const lists: Record<string, readonly string[]> = {}
  const rest: string[] = []
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? ''
    const isArgument = !word.startsWith('-') || word === '-'
    if (endsAtArgument && (word === '--' || isArgument)) {
      rest.push(...argv.slice(isArgument ? index : index + 1))
      break
    }
    if (word === '--') return undefined
    if (isArgument) {
      rest.push(word)
      continue
    }
    const found = findFlag(word, table)
    if (found === undefined) return undefined
    const {name, spec, isOn} = found
    if (spec.type === 'boolean') {
      if (found.value !== undefined) return undefined
      values[name] = isOn
      continue
    }
    const value = found.value ?? argv[++index]
    if (value === undefined || !isAllowed(value, spec)) return undefined
    if (spec.multiple) lists[name] = [...(lists[name] ?? []), value]
    else values[name] = spec.isInteger ? Number(value) : value
  }
  return {values: {...values, ...lists}, arguments: rest}
}

type Found = {name: string; spec: FlagSpec; isOn: boolean; value?: string}

function findFlag(word: string, table: FlagTable): Found | undefined {
  if (!word.startsWith('--')) {
    const entry = Object.entries(table).find(([, spec]) => spec.char === word[1])
    if (entry === undefined) return undefined
    const [name, spec] = entry
    if (word.length === 2) return {name, spec, isOn: true}
    return spec.type === 'boolean' ? undefined : {name, spec, isOn: true, value: word.slice(word[2] === '=' ? 3 : 2)}
  }
  const equals = word.indexOf('=')
  const name = word.slice(2, equals < 0 ? undefined : equals)
  const spec = Object.hasOwn(table, name) ? table[name] : undefined
  if (spec !== undefined) return {name, spec, isOn: true, ...(equals < 0 ? {} : {value: word.slice(equals + 1)})}
  const positive = name.startsWith('no-') ? name.slice(3) : undefined
  const positiveSpec = positive !== undefined && Object.hasOwn(table, positive) ? table[positive] : undefined
  if (positive === undefined || positiveSpec?.allowNo !== true || equals >= 0) return undefined
  return {name: positive, spec: positiveSpec, isOn: false}
}

function isAllowed(value: string, spec: FlagSpec): boolean {
  if (spec.isInteger) return /^\d+$/.test(value)
  return spec.options === undefined || spec.options.includes(value)
}
