import {execFileSync} from 'node:child_process'
import {randomInt} from 'node:crypto'
import {fileURLToPath} from 'node:url'
import {Dyno, type DynoOptions} from '../../src/engines/dyno/dyno.ts'
import {openSession, type Session} from '../../src/engines/dyno/session.ts'
import {findShell, planCommandLine} from '../../src/engines/dyno/shell.ts'
import {killDynos} from '../../src/engines/dyno/stop-dynos.ts'
import {procTable, readsProc} from '../../src/lib/process-table/proc.ts'
import type {ProcessTable} from '../../src/lib/process-table/process-table.ts'
import {psTable} from '../../src/lib/process-table/ps.ts'
import type {Gate, OutputEvent, PlatformEvent} from '../../src/model/event.ts'
import {platformLimits} from '../../src/model/limits.ts'
import {test as base} from './temp-folder.ts'

export type Reader = 'proc' | 'ps'

/** The readers of the process table that this machine has. */
export const readers: readonly Reader[] = readsProc() ? ['proc', 'ps'] : ['ps']

export function tableOf(reader: Reader): ProcessTable {
  return reader === 'proc' ? procTable() : psTable()
}

const searchPath = process.env['PATH'] ?? ''
const shell = findShell(searchPath)
export const openGate: Gate = {isCongested: false, whenClear: async () => undefined}

export type RunOptions = Partial<Pick<DynoOptions, 'gate' | 'limits' | 'stdin' | 'emit' | 'isSpared' | 'launch' | 'readOutput'>> & {
  readonly env?: Readonly<Record<string, string>>
  readonly name?: string
}

/** A session with its guardian, and the dynos that a test runs in it. */
export class Rig {
  readonly session: Session
  readonly folder: string
  /** A word that no other test uses; processes that carry it in their arguments are found by `marked`. */
  readonly token = `hp-${randomInt(2 ** 40).toString(36)}`
  readonly events: PlatformEvent[] = []
  readonly dynos: Dyno[] = []

  constructor(session: Session, folder: string) {
    this.session = session
    this.folder = folder
  }

  readonly emit = (event: PlatformEvent): void => {
    this.events.push(event)
  }

  /** A dyno that runs `command`, started. */
  async run(command: string | readonly string[], options: RunOptions = {}): Promise<Dyno> {
    const dyno = this.plan(command, options)
    await dyno.start()
    return dyno
  }

  plan(command: string | readonly string[], {env, name = 'web.1', ...options}: RunOptions = {}): Dyno {
    const spec = {name, type: 'web', command, env: {PATH: searchPath, ...env}, cwd: this.folder}
    const all = {session: this.session, emit: this.emit, gate: openGate, limits: platformLimits(), ...options}
    const dyno = new Dyno(planCommandLine(spec, shell), spec, all)
    this.dynos.push(dyno)
    return dyno
  }

  /** What a dyno wrote to one stream so far, partial lines left out. */
  output(stream: 'stdout' | 'stderr' = 'stdout', dyno = 'web.1'): string {
    return Buffer.concat(
      this.events
        .filter((event): event is OutputEvent => event.type === 'output')
        .filter(event => event.source === 'app' && event.dyno === dyno && event.stream === stream && event.partial !== true)
        .map(event => event.raw ?? event.lines),
    ).toString()
  }

  /** The platform's own lines about a dyno. */
  platformLines(dyno = 'web.1'): readonly string[] {
    return this.events
      .filter((event): event is OutputEvent => event.type === 'output')
      .filter(event => event.source === 'heroku' && event.dyno === dyno)
      .flatMap(event => event.lines.toString().split('\n').slice(0, -1))
  }
}

/** Processes that live and carry `token` in their arguments, asked of `ps` and not of the code under test. */
export function marked(token: string): readonly number[] {
  const lines = execFileSync('ps', ['-A', '-ww', '-o', 'pid=', '-o', 'stat=', '-o', 'args='], {encoding: 'utf8'}).split('\n')
  return lines.flatMap(line => {
    const [, pid, state = '', args = ''] = /^\s*(\d+)\s+(\S+)\s+(.*)$/.exec(line) ?? []
    return args.includes(token) && !state.startsWith('Z') ? Number(pid) : []
  })
}

/** The command that a session's guardian becomes. */
export function reaper(reader: Reader): readonly string[] {
  return [process.execPath, fileURLToPath(new URL('reap.ts', import.meta.url)), reader]
}

export type OpenRig = (reader?: Reader, dynos?: number, pipes?: 'fifos' | 'sockets') => Promise<Rig>

/** A test that may open a rig; everything in it is dead afterwards, whatever the test did. */
export const test = base.extend('openRig', async ({folder}, {onCleanup}) => {
  const rigs: Rig[] = []
  onCleanup(async () => {
    for (const {session, dynos, token} of rigs) {
      await killDynos(dynos, session.scanner)
      for (const pid of marked(token)) process.kill(pid, 'SIGKILL')
      await session.close()
    }
  })
  const openRig: OpenRig = async (reader = readers[0] ?? 'ps', dynos = 1, pipes) => {
    const options = {runtimeDir: folder, reaper: reaper(reader), searchPath, dynos, table: tableOf(reader)}
    const rig = new Rig(await openSession({...options, ...(pipes && {pipes})}), folder)
    rigs.push(rig)
    return rig
  }
  return openRig
})
