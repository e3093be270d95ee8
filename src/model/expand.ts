import {type EnvEntry, type EnvFile, unescapeDoubleQuoted} from './env-file.ts'
import {type Position, problemLog} from './problem.ts'
import {positionOf} from './source-text.ts'

/** Looks a variable up outside of the file: in files read before it, then in the shell. */
export type Lookup = (name: string) => string | undefined

/** All values that one file puts in for names, together: without a limit 30 lines that double each other would fill the memory. */
const maxPutLength = 1024 * 1024
/** How many lines further down may refer to each other in a chain. */
const maxChain = 50

/**
 * `file` with its values expanded, as `--expand` asks (cli.md section 6): outside of single quotes, from the file first, then by
 * `lookup`; what is put in is not expanded again. Within the file the lines above count, as in a shell, so that
 * `PATH=./bin:$PATH` means the shell's; only a name that no line above sets is looked for further down. An undefined name
 * without default is a problem that `stops`.
 */
export function expandEnvFile(file: EnvFile, lookup: Lookup): EnvFile {
  const log = problemLog(file.file, file.problems)
  const above = new Map<string, string>()
  const indexes = new Map(file.entries.map((entry, index) => [entry.key, index]))
  const done = new Map<number, string>()
  const open = new Set<number>()
  let putLength = 0

  function expand(index: number, entry: EnvEntry): string {
    const known = done.get(index)
    if (known !== undefined) return known
    open.add(index)
    const value = expandEntry(entry, reference => find(entry, reference))
    open.delete(index)
    done.set(index, value)
    return value
  }

  function find(entry: EnvEntry, {name, offset, fallback}: Reference): string {
    const found = above.get(name) ?? findBelow(name) ?? lookup(name)
    const value = fallback === undefined ? found : found || fallback
    if (value === undefined) {
      const fix = `Set ${name}, give a default as in \${${name}:-x}, or put the value into single quotes.`
      const message = `${entry.key} refers to ${name}, which neither the files nor the shell set.`
      log.add(placeIn(entry, offset), 'error', 'undefined-name', message, {fix, stops: true})
    }
    putLength += value?.length ?? 0
    if (putLength <= maxPutLength) return value ?? ''
    const message = `The values of this file get longer than ${maxPutLength} characters when expanded.`
    log.addOnce(placeIn(entry, offset), 'error', 'expanded-too-long', message, {stops: true})
    return ''
  }

  function findBelow(name: string): string | undefined {
    const index = indexes.get(name)
    const entry = index === undefined ? undefined : file.entries[index]
    return index === undefined || entry === undefined || open.has(index) || open.size > maxChain ? undefined : expand(index, entry)
  }

  const entries = file.entries.map((entry, index) => {
    const value = expand(index, entry)
    above.set(entry.key, value)
    return {...entry, value}
  })
  return {...file, entries, problems: log.problems()}
}

/** A `$NAME`, `${NAME}` or `${NAME:-fallback}` at `offset` of a raw value. */
type Reference = {readonly name: string; readonly offset: number; readonly fallback?: string}

const opening = /\$(?:([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)(\}|:-))/y

/** The value of `entry` with each reference replaced by what `find` says; any other `$` is text. Linear in the length of the value. */
function expandEntry({raw, quote, value}: EnvEntry, find: (reference: Reference) => string): string {
  if (quote === "'" || !raw.includes('$')) return value
  const isDouble = quote === '"'
  const plain = isDouble ? unescapeDoubleQuoted : (text: string) => text
  const lastBrace = raw.lastIndexOf('}')
  const parts: string[] = []
  let copied = 0
  for (let at = nextMark(raw, 0, isDouble); at !== -1; at = nextMark(raw, at, isDouble)) {
    opening.lastIndex = at
    const [matched, bare, braced, end] = (raw[at] === '$' ? opening.exec(raw) : null) ?? []
    const name = bare ?? braced
    if (name === undefined || matched === undefined || (end === ':-' && lastBrace < at + matched.length)) {
      at += raw[at] === '\\' ? 2 : 1
      continue
    }
    const closeAt = end === ':-' ? raw.indexOf('}', at + matched.length) : at + matched.length - 1
    const fallback = end === ':-' ? {fallback: plain(raw.slice(at + matched.length, closeAt))} : {}
    parts.push(plain(raw.slice(copied, at)), find({name, offset: at, ...fallback}))
    copied = closeAt + 1
    at = copied
  }
  return parts.join('') + plain(raw.slice(copied))
}

/** The next `$`, or in double quotes the next backslash too: the character behind it begins no reference. */
function nextMark(raw: string, from: number, isDouble: boolean): number {
  const mark = isDouble ? /[\\$]/g : /\$/g
  mark.lastIndex = from
  return mark.exec(raw)?.index ?? -1
}

/** Line and column in the file of `offset` in the raw value. */
function placeIn({raw, rawAt}: EnvEntry, offset: number): Position {
  const {line, column} = positionOf(raw, offset)
  return line === 1 ? {line: rawAt.line, column: rawAt.column + column - 1} : {line: rawAt.line + line - 1, column}
}
