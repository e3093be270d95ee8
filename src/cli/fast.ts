import {fastPs, fastStatus} from './fast-ps.ts'
import {reportError} from './report-error.ts'
import {renderVersion, versionFacts} from './version.ts'
import {writeNow} from './write.ts'

/**
 * A command that can be answered without the command framework. Gets what was typed after its name and says whether it
 * answered; what it does not know for sure (help, a wrong flag) it leaves to the framework, before it did or wrote anything.
 */
export type FastCommand = (argv: readonly string[]) => Promise<boolean>

/** Kept small: in the binary, this module and what it imports statically is all that a fast answer has to load. */
const fastCommands: Readonly<Record<string, FastCommand>> = {
  '--version': answerVersion,
  '-v': answerVersion,
  version: answerVersion,
  ps: fastPs,
  status: fastStatus,
  start: async argv => (await import('./start/fast-start.ts')).fastStart(argv),
  run: async argv => (await import('./run/fast-run.ts')).fastRun(argv),
  '__pool-host': async argv => (await import('./pool/pool-host.ts')).runPoolHost(argv),
  '__ssm-proxy': async argv => (await import('./pool/ssm-proxy.ts')).ssmProxy(argv),
  __reap: async argv => (await import('./reap.ts')).reap(argv),
}

/** Answers the argv if a fast command can. An error of a fast command is reported here, and is an answer too. */
export async function fast(argv: readonly string[]): Promise<boolean> {
  const [name = '', ...rest] = argv
  const command = Object.hasOwn(fastCommands, name) ? fastCommands[name] : undefined
  if (command === undefined) return false
  try {
    return await command(rest)
  } catch (error) {
    process.exitCode = reportError(error, {isJson: rest.includes('--json')})
    return true
  }
}

async function answerVersion(argv: readonly string[]): Promise<boolean> {
  if (argv.length === 0) writeNow(1, `${renderVersion()}\n`)
  else if (argv.length === 1 && argv[0] === '--json') writeNow(1, `${JSON.stringify(versionFacts(), null, 2)}\n`)
  else return false
  return true
}
