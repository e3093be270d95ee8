import {type Problem, problemLog} from './problem.ts'
import {readSourceText} from './source-text.ts'

/** What a .foreman file says: flag of `start` -> value, with its line. */
export type ForemanFile = {
  readonly file: string
  readonly values: ReadonlyMap<string, {readonly value: string; readonly line: number}>
  readonly problems: readonly Problem[]
}

/** Key of .foreman -> flag of `start`; foreman's timeout is the one of the stop. */
const flags: Readonly<Record<string, string>> = {
  procfile: 'procfile',
  env: 'env',
  formation: 'formation',
  concurrency: 'formation',
  port: 'port',
  timeout: 'timeout-stop',
}

/**
 * Reads a .foreman file: of YAML the flat `key: value` that foreman's options need, nothing more (cli.md section 1). Keys without a
 * flag and lines of any other form are warnings; the rest is read.
 */
export function readForemanFile(bytes: Uint8Array, file = '.foreman'): ForemanFile {
  const source = readSourceText(file, bytes)
  const log = problemLog(file, source.problems)
  const values = new Map<string, {value: string; line: number}>()
  for (const [index, text] of source.text.split('\n').entries()) {
    const at = {line: index + 1, column: text.length - text.trimStart().length + 1}
    if (/^\s*(?:#|$)|^(?:---|\.\.\.)\s*(?:#|$)/.test(text)) continue
    const [, key, written = ''] = /^:?([A-Za-z][\w-]*):(?:[ \t]+(.*))?$/.exec(text) ?? []
    const value = readScalar(written.trim())
    const flag = key === undefined || !Object.hasOwn(flags, key) ? undefined : flags[key]
    if (key === undefined || value === undefined) {
      log.add(at, 'warning', 'not-flat-yaml', 'Only lines of the form `key: value` are read here.')
    } else if (flag === undefined) {
      log.add(at, 'warning', 'unknown-option', `“${key}” does nothing here; ${Object.keys(flags).join(', ')} do.`)
    } else if (value !== '') values.set(flag, {value, line: at.line})
  }
  return {file, values, problems: log.problems()}
}

/** A plain or quoted value, without its comment; nothing for a list, an object or a block. */
function readScalar(text: string): string | undefined {
  const quoted = /^(?:'((?:[^']|'')*)'|"([^"\\]*)")\s*(?:$|\s#.*$)/.exec(text)
  if (quoted !== null) return quoted[1]?.replaceAll("''", "'") ?? quoted[2] ?? ''
  if (/^["'[{|>&*!%@`]/.test(text)) return undefined
  const plain = text.replace(/(?:^|\s+)#.*$/, '')
  return plain === '~' || plain === 'null' ? '' : plain
}
