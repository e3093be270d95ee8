import {spawn} from 'node:child_process'
import {closeSync} from 'node:fs'
import {Socket} from 'node:net'
import type {Readable} from 'node:stream'
import {coveredStdio, type Stdio} from '../../lib/covered-descriptors.ts'
import {lookUpProgram} from '../../lib/look-up-program.ts'
import type {CommandLine, DynoEnd} from '../../model/dyno.ts'
import type {Stream} from '../../model/event.ts'
import type {DynoPipes} from './dyno-pipes.ts'
import {markerLimit, markerVariable} from './mark.ts'

export type Exit = Pick<DynoEnd, 'exitCode' | 'signal' | 'error'>

/** A dyno's first process, running. */
export type Launched = {
  readonly pid: number
  /** What it writes; a terminal has only one stream. */
  readonly streams: Readonly<Partial<Record<Stream, Readable>>>
  /** How the process ended; its streams may still hold output, or be held open by others. */
  readonly exited: Promise<Exit>
}

export type LaunchOptions = {
  /** The value of HOMEPORT_DYNO_ID, which every process of the dyno inherits. */
  readonly marker: string
  /** Path of util-linux's `prlimit`, which sets the second mark (see mark.ts); absent where there is none. */
  readonly prlimit?: string | undefined
  /** FIFOs for the output; without them Node's socket pairs, which cannot be opened as /dev/stdout. */
  readonly pipes?: DynoPipes | undefined
  /** What the dyno reads: a descriptor, a pipe of its own that never delivers, or /dev/null. */
  readonly stdin: number | 'pipe' | 'ignore'
}

/** Another way to start a dyno's first process, such as with a terminal of its own. */
export type Launch = (commandLine: CommandLine, options: LaunchOptions) => Promise<Launched>

/**
 * Starts the first process of a dyno, as the leader of a session and process group of its own, with exactly the environment
 * of `commandLine` and the marker. Rejects when the system cannot start it; a program that is not there is no such failure:
 * see `missingProgram`.
 */
export async function launch(commandLine: CommandLine, options: LaunchOptions): Promise<Launched> {
  const {pipes, stdin} = options
  return closingPipes(pipes, async () => {
    const child = await spawnDyno(commandLine, options, [stdin, pipes?.stdout.writeEnd ?? 'pipe', pipes?.stderr.writeEnd ?? 'pipe'])
    return {
      ...child,
      streams: {
        stdout: child.streams.stdout ?? readPipe(pipes?.stdout.readEnd),
        stderr: child.streams.stderr ?? readPipe(pipes?.stderr.readEnd),
      },
    }
  })
}

/** What is executed for a dyno: its command line with the marker in the environment and, where that can be set, as a limit. */
export function markedCommandLine({file, args, env, cwd}: CommandLine, {marker, prlimit}: Pick<LaunchOptions, 'marker' | 'prlimit'>) {
  const limited = prlimit === undefined ? [] : [prlimit, `--rss=${BigInt(markerLimit(marker)) * 1024n}`, '--']
  const [program = file, ...rest] = [...limited, file, ...args]
  return {file: program, args: rest, env: {...env, [markerVariable]: marker}, cwd}
}

/** Starts a dyno's first process with these descriptors; `streams` has those that are Node's own pipes. */
export async function spawnDyno(
  commandLine: CommandLine,
  options: Pick<LaunchOptions, 'marker' | 'prlimit'>,
  stdio: readonly Stdio[],
): Promise<Launched> {
  const {file, args, env, cwd} = markedCommandLine(commandLine, options)
  const child = spawn(file, args, {cwd, env, detached: true, stdio: coveredStdio(stdio)})
  const exited = new Promise<Exit>(resolve => {
    child.on('exit', (code, signal) => resolve(signal === null ? {exitCode: code ?? 0} : {signal}))
  })
  await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
  const {stdout, stderr} = child
  return {pid: child.pid ?? 0, streams: {...(stdout && {stdout}), ...(stderr && {stderr})}, exited}
}

/** Closes what of the pipes is the dyno's once it has its copies, for while we held ours its streams would never end; all of them when it has not started. */
export async function closingPipes<T>(pipes: DynoPipes | undefined, start: () => Promise<T>): Promise<T> {
  let isStarted = false
  try {
    const started = await start()
    isStarted = true
    return started
  } finally {
    for (const pipe of [pipes?.stdout, pipes?.stderr]) {
      if (pipe !== undefined) closeSync(pipe.writeEnd)
      if (pipe !== undefined && !isStarted) closeSync(pipe.readEnd)
    }
  }
}

export function readPipe(readEnd = -1): Socket {
  return new Socket({fd: readEnd, readable: true, writable: false})
}

/**
 * What a shell would say and exit with when there is no such program: 127, or 126 when it cannot be executed. Undefined when
 * it can be started. Looked up beforehand, so that the answer is the same whatever stands before the program.
 */
export function missingProgram({file, env, cwd}: CommandLine): {readonly exitCode: number; readonly text: string} | undefined {
  const found = lookUpProgram(file, env['PATH'] ?? '', cwd)
  if ('path' in found) return undefined
  return found.missing === 'not found'
    ? {exitCode: 127, text: `${file}: ${file.includes('/') ? 'No such file or directory' : 'command not found'}`}
    : {exitCode: 126, text: `${file}: Permission denied`}
}
