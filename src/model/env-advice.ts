import type {EnvEntry, EnvFile} from './env-file.ts'
import {type Problem, type ProblemLog, problemLog} from './problem.ts'

export type EnvAdviceOptions = {
  /** Whether `$NAME` is expanded (`--expand`). */
  readonly expand: boolean
}

/** One string of an environment may have so many bytes on Linux (MAX_ARG_STRLEN), name and `=` with it. */
const maxVariableBytes = 131_071
/** All config vars of an app together, names and values (platform.md e.1). */
const maxConfigVarsBytes = 64 * 1024

/** What `check` says of a .env file beyond its mistakes: what other tools read differently, and what the platform would refuse. Never a value. */
export function adviseEnvFile(envFile: EnvFile, {expand}: EnvAdviceOptions): readonly Problem[] {
  const log = problemLog(envFile.file)
  for (const entry of envFile.entries) {
    adviseSpelling(entry, log)
    adviseValue(entry, expand, log)
    adviseConfigVar(entry, log)
  }
  const sizeBytes = envFile.entries.reduce((sum, {key, value}) => sum + Buffer.byteLength(key) + Buffer.byteLength(value), 0)
  if (sizeBytes > maxConfigVarsBytes) {
    log.add(
      {line: 1, column: 1},
      'note',
      'too-large-for-platform',
      `${sizeBytes} bytes of variables; the platform takes at most ${maxConfigVarsBytes}.`,
    )
  }
  return log.problems()
}

function adviseSpelling(entry: EnvEntry, log: ProblemLog): void {
  if (entry.hasExport) {
    log.addOnce(
      entry,
      'note',
      'export',
      'foreman and honcho ignore a line with `export`; nf and heroku local take the word into the name.',
      {fix: 'Leave `export` out.'},
    )
  }
  if (entry.hasBlanks) {
    const message = 'Blanks before the name or round the `=`: foreman ignores the line, and a shell would not set the variable.'
    log.addOnce(entry, 'note', 'blanks-round-equals', message, {fix: 'Write KEY=value without blanks.'})
  }
}

function adviseValue(entry: EnvEntry, expand: boolean, log: ProblemLog): void {
  const {quote, raw, value, rawAt} = entry
  if (quote === '' && raw.includes('#')) {
    const message = 'A # within the value is kept here; honcho, hivemind, nf, heroku local, dotenv and Node cut the value there.'
    log.addOnce(rawAt, 'note', 'hash-in-value', message, {fix: 'Put the value into quotes.'})
  }
  if (quote !== '' && raw.includes('\n')) {
    const message =
      'A value of several lines: foreman cuts it after the first, honcho, nf and heroku local fail, hivemind ignores the whole file.'
    log.addOnce(rawAt, 'note', 'value-of-lines', message, {fix: 'Write \\n in double quotes where all tools must read it.'})
  }
  if (quote === '"' && /^[A-Za-z]:\\[^\\]/.test(raw)) {
    log.add(rawAt, 'warning', 'windows-path', 'In double quotes \\n, \\r and \\t are not what a Windows path means.', {
      fix: 'Use single quotes.',
    })
  } else if (quote === '"' && /\\[t"\\$]/.test(raw)) {
    const message =
      'Tools differ on the escapes \\t \\" \\\\ \\$ in double quotes: foreman, goreman and hivemind, nf and dotenv give three results.'
    log.addOnce(rawAt, 'note', 'escape-in-value', message, {fix: 'Use single quotes where no escape is needed.'})
  }
  const unescaped = quote === '"' ? raw.replaceAll(/\\./g, '') : raw
  if (!expand && quote !== "'" && /(?<!\$)\$\{?[A-Za-z_]/.test(unescaped)) {
    const message =
      'A $NAME in the value is text here, as in the config vars of the platform; goreman, hivemind, overmind and process-compose expand it.'
    log.addOnce(rawAt, 'note', 'dollar-is-text', message, {fix: 'Use single quotes to say so, or `--expand`.'})
  }
  if (Buffer.byteLength(value) + entry.key.length + 1 > maxVariableBytes) {
    log.add(
      rawAt,
      'error',
      'value-too-long',
      `The value of ${entry.key} is too long: Linux starts no program with a variable over ${maxVariableBytes} bytes.`,
    )
  }
}

function adviseConfigVar(entry: EnvEntry, log: ProblemLog): void {
  const {key} = entry
  if (key.startsWith('HEROKU_')) log.addOnce(entry, 'note', 'reserved-name', 'The platform keeps names that begin with HEROKU_ for itself.')
  if (key.startsWith('__')) log.addOnce(entry, 'note', 'reserved-name', 'The platform takes no names that begin with two underscores.')
}
