import {mkdirSync, rmSync} from 'node:fs'
import {lookUpProgram} from '../../lib/look-up-program.ts'
import {privateFolder} from '../../lib/private-folder.ts'
import type {ProcessTable} from '../../lib/process-table/process-table.ts'
import {closeSilentPipe, type DynoPipes, openPipes, openSilentPipe, type SilentPipe} from './dyno-pipes.ts'
import type {ProcessIdentity} from './dyno-processes.ts'
import {Guardian} from './guardian.ts'
import {dynoMarker, highestLimit, newSessionId} from './mark.ts'
import {ProcessScanner} from './process-scanner.ts'
import {recordFile, sessionsFolder, writeRecord} from './session-record.ts'

export type SessionOptions = {
  /** `settings.runtimeDir`: private, on a file system that knows FIFOs. */
  readonly runtimeDir: string
  /** `settings.self` and the hidden command that calls `reapSession`; the path of the session's record is added. */
  readonly reaper: readonly string[]
  /** PATH of the user's shell. */
  readonly searchPath: string
  /** How many dynos will start at once; more may come later. */
  readonly dynos: number
  /**
   * What the output of dynos goes through, see `openPipes`. By default FIFOs, but on macOS sockets: there opening /dev/stdout
   * only copies the descriptor, so that sockets serve as well.
   */
  readonly pipes?: 'fifos' | 'sockets'
  readonly table: ProcessTable
}

/** So many dynos get their pipes before the first of them starts; the others' are made meanwhile. */
const firstPipes = 16
const sparePipes = 4
/** They are made when the first dynos have begun: before, every process that runs makes the first line later. */
const spareAfterMs = 250

/** Where the tools of every system are, whatever PATH says. */
const systemPath = '/usr/local/bin:/usr/bin:/bin:/usr/sbin:/sbin'

/**
 * One run of Homeport, as far as its dynos are concerned: the guardian that ends them when Homeport is killed, the record on
 * disk for the case that the guardian is killed too, the marks by which a dyno's processes are known, and the pipes for their
 * output. Nothing may be started before this resolves. Rejects with TOOL_MISSING when there is no `sh`.
 */
export async function openSession({runtimeDir, reaper, searchPath, dynos, table, pipes}: SessionOptions): Promise<Session> {
  const id = newSessionId()
  const sessions = privateFolder(sessionsFolder(runtimeDir))
  const folder = `${sessions}/${id}`
  const homeport = {pid: process.pid, startTime: (await table.startTime(process.pid)) ?? ''}
  const toolPath = `${searchPath}:${systemPath}`
  // The guardian comes first: from here on whatever is made is removed, even if we are killed within the next line.
  const guardian = new Guardian({folder, reaper: [...reaper, recordFile(folder)], searchPath: toolPath, limit: highestLimit(id)})
  try {
    mkdirSync(folder, {mode: 0o700})
    writeRecord(folder, {id, realm: table.realm, homeport, dynos: [], paths: []})
    const usesFifos = pipes === 'fifos' || (pipes === undefined && process.platform !== 'darwin')
    const made = usesFifos ? Math.min(Math.max(dynos, 1), firstPipes) : 0
    const {canLimit, hasPipes} = await guardian.begin(made)
    const prlimit = canLimit ? lookUpProgram('prlimit', toolPath) : undefined
    return new Session({
      id,
      folder,
      homeport,
      table,
      guardian,
      prlimit: prlimit !== undefined && 'path' in prlimit ? prlimit.path : undefined,
      hasFifos: hasPipes,
      pipes: hasPipes && usesFifos ? {made, wanted: dynos} : undefined,
    })
  } catch (error) {
    await guardian.release()
    rmSync(folder, {recursive: true, force: true})
    throw error
  }
}

type SessionParts = {
  readonly id: string
  readonly folder: string
  readonly homeport: ProcessIdentity
  readonly table: ProcessTable
  readonly guardian: Guardian
  readonly prlimit: string | undefined
  readonly hasFifos: boolean
  /** Pairs of FIFOs that are there, and how many dynos will ask; undefined where none can be made. */
  readonly pipes: {readonly made: number; readonly wanted: number} | undefined
}

export class Session {
  readonly id: string
  readonly scanner: ProcessScanner
  /** See `LaunchOptions`. */
  readonly prlimit: string | undefined
  readonly #parts: SessionParts
  readonly #silentPipe: SilentPipe | undefined
  #serial = 0
  #takenPipes = 0
  #askedPipes: number
  #makingPipes: Promise<unknown> = Promise.resolve()
  readonly #dynos = new Map<number, ProcessIdentity>()
  readonly #paths = new Set<string>()
  #save: NodeJS.Immediate | undefined
  #isClosed = false

  constructor(parts: SessionParts) {
    this.id = parts.id
    this.scanner = new ProcessScanner(parts.table)
    this.prlimit = parts.prlimit
    this.#parts = parts
    this.#askedPipes = parts.pipes?.made ?? 0
    this.#silentPipe = parts.hasFifos ? openSilentPipe(`${parts.folder}/stdin`) : undefined
    if (parts.pipes !== undefined && parts.pipes.wanted > parts.pipes.made) this.#askForPipes(parts.pipes.wanted - parts.pipes.made)
  }

  /** A mark that no other dyno has. */
  newMarker(): string {
    return dynoMarker(this.id, this.#serial++)
  }

  /**
   * What a dyno reads: never anything, and never an end (esbuild and tailwind `--watch` leave at the end of their stdin). Not a
   * socket if it can be helped: a bash that has one for its stdin and no SHLVL thinks of rshd and runs ~/.bashrc first.
   */
  get silentStdin(): number | 'pipe' {
    return this.#silentPipe?.theirs ?? 'pipe'
  }

  /** Pipes for one dyno's output; undefined where there are no FIFOs. Some are made in advance, since a restart should not wait. */
  async takePipes(): Promise<DynoPipes | undefined> {
    if (this.#parts.pipes === undefined) return undefined
    const index = this.#takenPipes++
    if (index >= this.#askedPipes) this.#askForPipes(sparePipes)
    else if (index + 1 === this.#askedPipes) setTimeout(() => this.#makeSparePipes(), spareAfterMs).unref()
    if (index >= this.#parts.pipes.made) await this.#makingPipes
    return openPipes(`${this.#parts.folder}/${index}.out`, `${this.#parts.folder}/${index}.err`)
  }

  /** Remembers a dyno's first process on disk, with its start time, in case that we and the guardian are killed. */
  async recordDyno(pid: number): Promise<void> {
    const startTime = await this.#parts.table.startTime(pid)
    if (startTime === undefined) return
    this.#dynos.set(pid, {pid, startTime})
    this.#saveSoon()
  }

  forgetDyno(pid: number): void {
    if (this.#dynos.delete(pid)) this.#saveSoon()
  }

  /** A file, socket or folder (absolute path) that is removed when Homeport is killed. Say so before it is made. */
  removeAtEnd(path: string): void {
    this.#paths.add(path)
    this.#saveNow()
  }

  keep(path: string): void {
    if (this.#paths.delete(path)) this.#saveSoon()
  }

  /** The orderly end, when every dyno has ended: the guardian goes, and what was on disk. */
  async close(): Promise<void> {
    if (this.#isClosed) return
    this.#isClosed = true
    await this.#parts.guardian.release()
    for (const path of [...this.#paths, this.#parts.folder]) rmSync(path, {recursive: true, force: true})
    if (this.#silentPipe !== undefined) closeSilentPipe(this.#silentPipe)
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close()
  }

  #makeSparePipes(): void {
    if (!this.#isClosed && this.#takenPipes >= this.#askedPipes) this.#askForPipes(sparePipes)
  }

  #askForPipes(count: number): void {
    const from = this.#askedPipes
    this.#askedPipes += count
    this.#makingPipes = Promise.all([this.#makingPipes, this.#parts.guardian.makePipes(from, this.#askedPipes)])
  }

  /** All changes of one turn are written at once: three hundred dynos may begin in it. */
  #saveSoon(): void {
    clearImmediate(this.#save)
    this.#save = setImmediate(() => this.#saveNow())
  }

  #saveNow(): void {
    if (this.#isClosed) return
    const {id, folder, homeport, table} = this.#parts
    try {
      writeRecord(folder, {id, realm: table.realm, homeport, dynos: [...this.#dynos.values()], paths: [...this.#paths]})
    } catch {
      // A full disk or a folder that was taken away: the dynos are still known by their marks.
    }
  }
}
