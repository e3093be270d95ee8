import {spawn} from 'node:child_process'
import {closeSync} from 'node:fs'
import {Socket} from 'node:net'
import type {Readable} from 'node:stream'
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
export async function launch(commandLine: CommandLine, {marker, prlimit, pipes, stdin}: LaunchOptions): Promise<Launched> {
  const {file, args, env, cwd} = commandLine
  const limited = prlimit === undefined ? [] : [prlimit, `--rss=${BigInt(markerLimit(marker)) * 1024n}`, '--']
  const [program = file, ...rest] = [...limited, file, ...args]
  let isStarted = false
  try {
    const child = spawn(program, rest, {
      cwd,
      env: {...env, [markerVariable]: marker},
      detached: true,
      stdio: [stdin, pipes?.stdout.writeEnd ?? 'pipe', pipes?.stderr.writeEnd ?? 'pipe'],
    })
    const exited = new Promise<Exit>(resolve => {
      child.on('exit', (code, signal) => resolve(signal === null ? {exitCode: code ?? 0} : {signal}))
    })
    await new Promise((resolve, reject) => child.once('spawn', resolve).once('error', reject))
    isStarted = true
    return {
      pid: child.pid ?? 0,
      streams: {
        stdout: child.stdout ?? readPipe(pipes?.stdout.readEnd),
        stderr: child.stderr ?? readPipe(pipes?.stderr.readEnd),
      },
      exited,
    }
  } finally {
    // The dyno has its own copies; while we held ours, its streams would never end.
    for (const pipe of [pipes?.stdout, pipes?.stderr]) {
      if (pipe !== undefined) closeSync(pipe.writeEnd)
      if (pipe !== undefined && !isStarted) closeSync(pipe.readEnd)
    }
  }
}

function readPipe(readEnd = -1): Socket {
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
