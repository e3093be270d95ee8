import {type FileHandle, open, unlink} from 'node:fs/promises'
import {privateFolder} from '../../lib/private-folder.ts'
import {type LoggedApp, listSegments, nameApp, type Segment, segment} from './log-folder.ts'

export type RotationLimits = {
  /** The most bytes of one file. */
  readonly segmentBytes: number
  /** How many files are kept. */
  readonly segments: number
  /** That many lines stay readable, even if it takes some more files. */
  readonly minLines: number
}

export type AppendFailure = {readonly error: unknown; readonly lost: Buffer}

const newline = 10

/** Between two looks whether another process went on to a new file, or somebody deleted ours. */
const checkMs = 250

/**
 * Appends to the files of one log: opens the newest, goes on to a new one when it is full and deletes the oldest. Several
 * processes may append to one log at once (`start` and a detached `run`): each write is one append of whole lines.
 */
export class SegmentWriter {
  readonly #folder: string
  readonly #app: LoggedApp
  readonly #limits: RotationLimits
  #open: {readonly file: FileHandle; size: number; checkedAt: number} | undefined
  /** Numbers go on even when somebody empties the folder, so that who follows the log finds the new files. */
  #lastNumber = 0

  constructor(folder: string, {app, limits}: {app: LoggedApp; limits: RotationLimits}) {
    this.#folder = folder
    this.#app = app
    this.#limits = limits
  }

  /** Appends whole lines. What could not be written is told; the file ends in a whole line all the same. */
  async append(data: Buffer): Promise<AppendFailure | undefined> {
    let written = 0
    try {
      const current = await this.#current(data.length)
      while (written < data.length) written += (await current.file.write(data, written)).bytesWritten
      current.size += data.length
      return undefined
    } catch (error) {
      const whole = data.subarray(0, written).lastIndexOf(newline) + 1
      if (written > whole) await this.#cutTornLine(data.subarray(whole, written))
      await this.close()
      return {error, lost: data.subarray(whole)}
    }
  }

  async close(): Promise<void> {
    const file = this.#open?.file
    this.#open = undefined
    await file?.close().catch(() => {})
  }

  async #current(room: number) {
    const current = this.#open
    if (current === undefined) return this.#openNewest(room)
    if (performance.now() - current.checkedAt > checkMs) {
      const {size, nlink} = await current.file.stat()
      if (nlink === 0) {
        await this.close()
        return this.#openNewest(room)
      }
      current.size = size
      current.checkedAt = performance.now()
    }
    if (current.size === 0 || current.size + room <= this.#limits.segmentBytes) return current
    await this.close()
    return this.#openNewest(room)
  }

  /** The newest file if it has room and ends in a whole line (it may not after a power loss), else the next one. */
  async #openNewest(room: number) {
    privateFolder(this.#folder)
    await nameApp(this.#folder, this.#app)
    const segments = await listSegments(this.#folder)
    const newest = segments.at(-1)
    if (newest !== undefined) {
      const file = await open(newest.path, 'a+', 0o600)
      const {size} = await file.stat()
      if (size === 0 || (size + room <= this.#limits.segmentBytes && (await endsInNewline(file, size))))
        return this.#use(newest.number, file, size)
      await file.close()
    }
    const next = segment(this.#folder, Math.max(newest?.number ?? 0, this.#lastNumber) + 1)
    const file = await open(next.path, 'a+', 0o600)
    await this.#prune([...segments, next])
    return this.#use(next.number, file, (await file.stat()).size)
  }

  #use(number: number, file: FileHandle, size: number) {
    this.#lastNumber = number
    this.#open = {file, size, checkedAt: performance.now()}
    return this.#open
  }

  async #prune(segments: readonly Segment[]): Promise<void> {
    let kept = 0
    let lines = 0
    for (const {path} of segments.toReversed()) {
      if (kept >= this.#limits.segments && lines >= this.#limits.minLines) await unlink(path).catch(() => {})
      else if (lines < this.#limits.minLines) lines += await countLines(path, this.#limits.minLines - lines)
      kept++
    }
  }

  /** A write that ended in the middle of a line: takes its beginning away, unless another process wrote behind it. */
  async #cutTornLine(torn: Buffer): Promise<void> {
    const file = this.#open?.file
    if (file === undefined) return
    try {
      const {size} = await file.stat()
      const end = Buffer.alloc(torn.length)
      await file.read(end, 0, end.length, size - end.length)
      if (end.equals(torn)) await file.truncate(size - torn.length)
    } catch {
      // Then the next writer begins a new file, and readers leave out what has no end.
    }
  }
}

async function endsInNewline(file: FileHandle, size: number): Promise<boolean> {
  const last = Buffer.alloc(1)
  await file.read(last, 0, 1, size - 1)
  return last[0] === newline
}

/** The number of lines of a file, counted up to `enough`. */
async function countLines(path: string, enough: number): Promise<number> {
  const file = await open(path).catch(() => undefined)
  if (file === undefined) return 0
  const chunk = Buffer.allocUnsafe(256 * 1024)
  let lines = 0
  try {
    for (;;) {
      const {bytesRead} = await file.read(chunk)
      if (bytesRead === 0 || lines >= enough) return lines
      for (let at = chunk.indexOf(newline); at >= 0 && at < bytesRead; at = chunk.indexOf(newline, at + 1)) lines++
    }
  } finally {
    await file.close()
  }
}
