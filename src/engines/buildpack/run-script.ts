import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {constants} from 'node:os'
import {type CommandLine, exitCodeOf} from '../../model/dyno.ts'
import {LineCutter, type OnLines} from './line-cutter.ts'

export type RunScriptOptions = {
  /** Aborting ends the script and its whole process group: SIGTERM, after `graceMs` SIGKILL. */
  readonly signal: AbortSignal
  readonly graceMs: number
  /** Gets stderr, and stdout too unless that is captured. */
  readonly onLines: OnLines
  /** Keep that many bytes of stdout instead of showing it; more is dropped. */
  readonly captureBytes?: number
}

export type ScriptEnd = {
  /** As a shell gives it: death by signal S is 128 + S. */
  readonly exitCode: number
  readonly stdout: string
}

/**
 * Runs one command in a process group of its own, without input, and ends what it left in that group. Rejects with the
 * signal's reason when aborted, and with Node's error when it cannot be started.
 */
export async function runScript(command: CommandLine, {signal, graceMs, onLines, captureBytes}: RunScriptOptions): Promise<ScriptEnd> {
  signal.throwIfAborted()
  const child = spawn(command.file, command.args, {
    cwd: command.cwd,
    env: {...command.env},
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: true,
  })
  const closed = new Promise(resolve => child.once('close', resolve))
  const captured = new Capture(captureBytes ?? 0)
  const cutters = [cut(child.stderr, onLines)]
  if (captureBytes === undefined) cutters.push(cut(child.stdout, onLines))
  else child.stdout.on('data', (chunk: Buffer) => captured.push(chunk))
  try {
    const [exitCode, endSignal] = await ended(child, signal, graceMs)
    // A process that the script left behind may hold the streams open.
    await Promise.race([closed, wait(graceMs)])
    signal.throwIfAborted()
    return {exitCode: exitCodeOf({exitCode, ...(endSignal ? {signal: endSignal} : {})}, constants.signals), stdout: captured.text()}
  } finally {
    killGroup(child, 'SIGKILL')
    child.stdout.destroy()
    child.stderr.destroy()
    for (const cutter of cutters) cutter.end()
  }
}

function cut(stream: NodeJS.ReadableStream, onLines: OnLines): LineCutter {
  const cutter = new LineCutter(onLines)
  stream.on('data', (chunk: Buffer) => cutter.push(chunk))
  return cutter
}

async function ended(child: ChildProcess, signal: AbortSignal, graceMs: number): Promise<[number, NodeJS.Signals | null]> {
  let killer: NodeJS.Timeout | undefined
  const stop = () => {
    killGroup(child, 'SIGTERM')
    killer = setTimeout(() => killGroup(child, 'SIGKILL'), graceMs)
  }
  signal.addEventListener('abort', stop)
  try {
    return (await once(child, 'exit')) as [number, NodeJS.Signals | null]
  } finally {
    signal.removeEventListener('abort', stop)
    clearTimeout(killer)
  }
}

function killGroup(child: ChildProcess, name: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    process.kill(-child.pid, name)
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? error.code : undefined
    if (code !== 'ESRCH' && code !== 'EPERM') throw error
  }
}

function wait(milliseconds: number): Promise<void> {
  return new Promise(resolve => setTimeout(resolve, milliseconds).unref())
}

/** The first bytes of a stream. */
class Capture {
  readonly #chunks: Buffer[] = []
  #room: number

  constructor(room: number) {
    this.#room = room
  }

  push(chunk: Buffer): void {
    const kept = chunk.subarray(0, this.#room)
    this.#room -= kept.length
    if (kept.length > 0) this.#chunks.push(Buffer.from(kept))
  }

  text(): string {
    return Buffer.concat(this.#chunks).toString('utf8')
  }
}
