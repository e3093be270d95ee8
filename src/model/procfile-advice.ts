import {commandWord} from './command-word.ts'
import {hostLabel} from './dyno.ts'
import {type Problem, type ProblemLog, problemLog} from './problem.ts'
import {type Procfile, type ProcfileEntry, plainStart} from './procfile.ts'

export type ProcfileAdviceOptions = {
  /** Whether a program of that name would be found, as the dynos look for it. */
  readonly isRunnable: (program: string) => boolean
  /** Whether what `command` starts mentions PORT, as far as can be seen: a script of package.json, a file of the app. */
  readonly mentionsPort: (command: string) => boolean
}

/** One argument of a command may have so many bytes on Linux (MAX_ARG_STRLEN), and `sh -c COMMAND` makes it one. */
const maxCommandBytes = 131_071

/** What `check` says beyond the mistakes: what the next platform generation rewrites, what other tools read differently, what will not run (cli.md section 6, platform.md a.1). */
export function adviseProcfile(procfile: Procfile, {isRunnable, mentionsPort}: ProcfileAdviceOptions): readonly Problem[] {
  const log = problemLog(procfile.file)
  for (const entry of procfile.entries) {
    adviseSpelling(entry, log)
    adviseName(entry, log)
    adviseCommand(entry, isRunnable, log)
  }
  adviseHosts(procfile, log)
  const web = procfile.entries.findLast(({type}) => type === 'web')
  if (web !== undefined && !mentionsPort(web.command)) {
    const message = 'web must listen on $PORT, and nothing in sight uses it.'
    log.add(web, 'note', 'web-without-port', message, {fix: 'Give $PORT to the server, unless it reads PORT from its environment.'})
  }
  return log.problems()
}

function adviseSpelling(entry: ProcfileEntry, log: ProblemLog): void {
  const {type, command, line, column, separator} = entry
  const written = `${type}: ${command.length > 40 ? '…' : command}`
  const repair = {fix: `Write \`${written}\`.`, edits: [plainStart(entry)]}
  if (column > 1) {
    const message = `Blanks before “${type}”: the next platform generation drops them; foreman, honcho, hivemind and overmind lose the line, nf and heroku local the file.`
    log.add({line, column: 1}, 'warning', 'leading-blank', message, repair)
  }
  const colonAt = separator.indexOf(':')
  if (colonAt > 0) {
    const message = `Blanks between “${type}” and its colon: the next platform generation and heroku local refuse them; foreman, honcho, hivemind and overmind lose the line, nf the file.`
    log.add({line, column: column + type.length}, 'warning', 'blank-before-colon', message, repair)
  }
  if (separator.endsWith(':')) {
    const message = 'No blank behind the colon: hivemind, overmind and the slug compiler of Cedar lose the line.'
    log.add({line, column: column + type.length + colonAt + 1}, 'note', 'no-blank-after-colon', message, repair)
  }
}

function adviseName({type, line, column}: ProcfileEntry, log: ProblemLog): void {
  const at = {line, column}
  if (type.length > 63) {
    log.add(at, 'warning', 'name-too-long', `A name of ${type.length} characters; the next platform generation takes at most 63.`, {
      fix: 'Shorten it.',
    })
  }
  const rewritten = type.toLowerCase().replaceAll('_', '-')
  if (!/^[a-z0-9](?:.*[a-z0-9])?$/.test(rewritten)) {
    const message = `The next platform generation refuses the name “${type}”: it must begin and end with a letter or digit.`
    log.add(at, 'warning', 'name-refused', message, {fix: 'Take the _ or - from its ends.'})
  } else if (rewritten !== type) {
    log.add(at, 'warning', 'name-rewritten', `The next platform generation rewrites “${type}” to “${rewritten}”.`, {
      fix: `Write \`${rewritten}:\`.`,
    })
  }
  if (type.includes('-'))
    log.add(at, 'note', 'dash-in-name', `heroku local (up to 11.10) refuses a Procfile with a dash in a name, here “${type}”.`)
  if (type === '__proto__') log.add(at, 'note', 'name-lost', 'nf and heroku local lose a type of this name.')
  if (/^(?:0|[1-9]\d*)$/.test(type))
    log.add(at, 'note', 'name-reordered', `nf and heroku local sort a type named by a number, here “${type}”, before all others.`)
}

function adviseCommand(
  {command, line, column, type, separator}: ProcfileEntry,
  isRunnable: (program: string) => boolean,
  log: ProblemLog,
): void {
  const at = {line, column: column + type.length + separator.length}
  const sizeBytes = Buffer.byteLength(command)
  if (sizeBytes > maxCommandBytes) {
    log.add(at, 'error', 'command-too-long', `A command of ${sizeBytes} bytes; Linux starts none over ${maxCommandBytes}.`, {
      fix: 'Put it into a script.',
    })
  }
  const program = commandWord(command)
  if (program !== undefined && !isRunnable(program)) {
    const [message, fix] = program.includes('/')
      ? [`There is no executable file “${program}”.`, 'Is the path right, and may the file be executed?']
      : [`Nothing on PATH runs “${program}”.`, 'Install it, or begin with `npx`, `bundle exec` or a path.']
    log.add(at, 'note', 'command-not-found', message, {fix})
  }
}

/** Of two types that get one host name the second has none (cli.md section 2, Names). */
function adviseHosts({types, entries}: Procfile, log: ProblemLog): void {
  const owners = new Map<string, string>()
  const firstEntries = new Map(entries.toReversed().map(entry => [entry.type, entry]))
  for (const type of types.keys()) {
    const label = hostLabel(type)
    const owner = owners.get(label)
    const entry = firstEntries.get(type)
    if (owner === undefined) owners.set(label, type)
    else if (entry !== undefined) {
      const message = `“${owner}” and “${type}” have the same host name, ${label}.APP.localhost; only “${owner}” answers there.`
      log.add(entry, 'warning', 'same-host-name', message, {fix: 'Rename one of them.'})
    }
  }
}
