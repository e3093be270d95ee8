import {writeSync} from 'node:fs'
import {constants} from 'node:os'
import {Readable} from 'node:stream'
import {ReadStream} from 'node:tty'
import {coverInChildren, uncover} from './covered-descriptors.ts'

/** What node-pty's addon offers: see its pty.cc. */
export type PtyAddon = {
  fork(
    file: string,
    args: readonly string[],
    env: readonly string[],
    cwd: string,
    columns: number,
    rows: number,
    uid: number,
    gid: number,
    isUtf8: boolean,
    helperPath: string,
    onExit: (exitCode: number, signal: number) => void,
  ): {readonly fd: number; readonly pid: number}
  resize(fd: number, columns: number, rows: number): void
}

export type PtyCommand = {
  readonly file: string
  readonly args: readonly string[]
  /** The whole environment. */
  readonly env: Readonly<Record<string, string>>
  readonly cwd: string
  readonly columns: number
  readonly rows: number
}

/** Exactly one of both: of a program that a signal ended the addon tells code 0 too. */
export type PtyExit = {readonly exitCode: number; readonly signal?: never} | {readonly signal: NodeJS.Signals; readonly exitCode?: never}

/** So much input may wait for a program that does not read. */
const highWaterBytes = 64 * 1024
const firstRetryMs = 2
const longestRetryMs = 50

/** A program with a terminal of its own: the leader of a session, whose line discipline makes Ctrl-C a signal and a line of what is typed. */
export class PtyProcess {
  readonly pid: number
  /** What it shows, as bytes, to the end; it has to wait while nobody reads. */
  readonly output: Readable
  /** How it ended. There may be output to read still. */
  readonly exited: Promise<PtyExit>
  readonly #addon: PtyAddon
  readonly #descriptor: number
  #isClosed = false
  #input: Buffer = Buffer.alloc(0)
  #retryMs = firstRetryMs
  #retry: NodeJS.Timeout | undefined
  #waiting: (() => void)[] = []

  constructor(addon: PtyAddon, {file, args, env, cwd, columns, rows}: PtyCommand, helperPath: string) {
    const variables = Object.entries(env).map(([name, value]) => `${name}=${value}`)
    const {promise, resolve} = Promise.withResolvers<PtyExit>()
    const onExit = (exitCode: number, signal: number) => resolve(exitOf(exitCode, signal))
    const {fd, pid} = addon.fork(file, args, variables, cwd, columns, rows, -1, -1, true, helperPath, onExit)
    this.#addon = addon
    this.#descriptor = fd
    this.pid = pid
    this.exited = promise
    coverInChildren(fd)
    this.output = readToEnd(new ReadStream(fd), () => this.#closed())
  }

  /** Types `bytes`. What the program does not take yet waits here. */
  write(bytes: Buffer): void {
    if (this.#isClosed || bytes.length === 0) return
    this.#input = this.#input.length === 0 ? bytes : Buffer.concat([this.#input, bytes])
    if (this.#retry === undefined) this.#push()
  }

  get isCongested(): boolean {
    return this.#input.length > highWaterBytes
  }

  /** Resolves when the program has taken half of what may wait, or is gone. */
  async whenClear(): Promise<void> {
    while (this.#input.length > highWaterBytes / 2) await new Promise<void>(resolve => this.#waiting.push(resolve))
  }

  /** The program is told by SIGWINCH, when the size is another one. */
  resize({columns, rows}: {readonly columns: number; readonly rows: number}): void {
    if (!this.#isClosed && columns > 0 && rows > 0) this.#addon.resize(this.#descriptor, columns, rows)
  }

  /** The descriptor does not block: the system takes as much as it has room for, and we try again. It has no event for that. */
  #push(): void {
    this.#retry = undefined
    try {
      const taken = writeSync(this.#descriptor, this.#input)
      this.#input = this.#input.subarray(taken)
      if (taken > 0) this.#retryMs = firstRetryMs
    } catch (error) {
      // Whoever should have read it is gone.
      if ((error as NodeJS.ErrnoException).code !== 'EAGAIN') this.#input = Buffer.alloc(0)
    }
    if (!this.isCongested) this.#wake()
    if (this.#input.length === 0) return
    this.#retry = setTimeout(() => this.#push(), this.#retryMs)
    this.#retryMs = Math.min(longestRetryMs, this.#retryMs * 2)
  }

  #closed(): void {
    this.#isClosed = true
    uncover(this.#descriptor)
    clearTimeout(this.#retry)
    this.#input = Buffer.alloc(0)
    this.#wake()
  }

  #wake(): void {
    const waiting = this.#waiting
    this.#waiting = []
    for (const resolve of waiting) resolve()
  }
}

/** A terminal ends with an error, EIO, when nobody has it open any more; for who reads it that is an end like any other. */
function readToEnd(terminal: ReadStream, onClose: () => void): Readable {
  const output = new Readable({
    read: () => void terminal.resume(),
    destroy(error, done) {
      terminal.destroy()
      done(error)
    },
  })
  terminal.on('data', chunk => {
    if (!output.push(chunk)) terminal.pause()
  })
  terminal.on('error', () => undefined)
  terminal.on('close', () => {
    onClose()
    output.push(null)
  })
  return output
}

const signalNames = new Map<number, NodeJS.Signals>()
for (const [name, number] of Object.entries(constants.signals)) {
  if (!signalNames.has(number)) signalNames.set(number, name as NodeJS.Signals)
}

function exitOf(exitCode: number, signal: number): PtyExit {
  if (signal === 0) return {exitCode}
  const name = signalNames.get(signal)
  return name === undefined ? {exitCode: 128 + signal} : {signal: name}
}
