/** As much of a flag's definition as is needed to find it in an argv: the shape of oclif's flags. */
export type FlagShape = {
  readonly type: 'boolean' | 'option'
  readonly char?: string
  readonly allowNo?: boolean
}

export type FlagShapes = Readonly<Record<string, FlagShape>>

/**
 * Where the part of an argv ends in which flags are ours: at `--`, or, when `endsAtArgument`, at the first word that is no
 * flag (flags after the command of `run` belong to that command); a number says at which one. The index of that word; the
 * length when there is none.
 */
export function endOfFlags(
  argv: readonly string[],
  flags: FlagShapes,
  {endsAtArgument = false}: {readonly endsAtArgument?: boolean | number} = {},
): number {
  let left = Number(endsAtArgument)
  for (let index = 0; index < argv.length; index++) {
    const word = argv[index] ?? ''
    if (word === '--') return index
    if (!isFlag(word)) {
      if (--left === 0) return index
    } else if (takesNextWord(word, flags)) index++
  }
  return argv.length
}

/** Names of the flags that an argv gives, up to where flags end. */
export function givenFlags(argv: readonly string[], flags: FlagShapes): ReadonlySet<string> {
  const given = new Set<string>()
  for (let index = 0; index < argv.length && argv[index] !== '--'; index++) {
    const word = argv[index] ?? ''
    if (!isFlag(word)) continue
    for (const name of flagsOf(word, flags)) given.add(name)
    if (takesNextWord(word, flags)) index++
  }
  return given
}

/** Whether `word` is a flag that has its value in the next word: `--port`, `-p`, `-wp`, but not `--port=1`, `-p1`, `--watch`. */
export function takesNextWord(word: string, flags: FlagShapes): boolean {
  const names = flagsOf(word, flags)
  const last = names.at(-1)
  if (last === undefined || flags[last]?.type !== 'option') return false
  return word === `--${last}` || (!word.startsWith('--') && names.length === word.length - 1)
}

/** Names of the flags in one word: one for `--port=1`, `--no-port` and `-p1`, several for `-wp`. */
function flagsOf(word: string, flags: FlagShapes): readonly string[] {
  if (word.startsWith('--')) {
    const name = word.slice(2).replace(/=.*$/s, '')
    if (Object.hasOwn(flags, name)) return [name]
    const positive = name.replace(/^no-/, '')
    return Object.hasOwn(flags, positive) && flags[positive]?.allowNo === true ? [positive] : []
  }
  const names: string[] = []
  for (const letter of word.slice(1)) {
    const found = Object.entries(flags).find(([, flag]) => flag.char === letter)
    if (found === undefined) break
    names.push(found[0])
    if (found[1].type === 'option') break
  }
  return names
}

function isFlag(word: string): boolean {
  return word.startsWith('-') && word !== '-'
}

export type FoundCommand = {
  /** `ps:scale`; undefined when no command has that name. */
  readonly id: string | undefined
  /** The words that were taken for the name: `ps scale`. */
  readonly words: readonly string[]
  /** What is left for the command: flags typed before its name, then all after it. */
  readonly argv: readonly string[]
}

/** Finds the command in an argv: `ps:scale`, `ps scale`, and `--root DIR ps:scale`, the longest name that there is. */
export function findCommand(argv: readonly string[], ids: ReadonlySet<string>, sharedFlags: FlagShapes): FoundCommand {
  const start = endOfFlags(argv, sharedFlags, {endsAtArgument: true})
  const before = argv.slice(0, start)
  const after = argv.slice(start)
  const firstFlag = after.findIndex(isFlag)
  const words = firstFlag < 0 ? after : after.slice(0, firstFlag)
  for (let length = words.length; length > 0; length--) {
    const id = words.slice(0, length).join(':')
    if (ids.has(id)) return {id, words: words.slice(0, length), argv: [...before, ...after.slice(length)]}
  }
  return {id: undefined, words, argv: [...before, ...after.slice(words.length)]}
}
