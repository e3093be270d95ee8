import {fstatSync} from 'node:fs'
import {constants} from 'node:os'
import type {Dyno} from '../engines/dyno/dyno.ts'
import {signalProcess} from '../engines/dyno/end-processes.ts'
import {MemoryWatch} from '../engines/dyno/memory.ts'
import {sweepLeftovers} from '../engines/dyno/reap.ts'
import {openSession, type Session} from '../engines/dyno/session.ts'
import {killDynos, stopDynos} from '../engines/dyno/stop-dynos.ts'
import {holdPort} from '../lib/free-port.ts'
import type {ProcessTable} from '../lib/process-table/process-table.ts'
import type {App} from '../model/app.ts'
import {configVarValues} from '../model/config-vars.ts'
import {type DynoSpec, exitCodeOf} from '../model/dyno.ts'
import {dynoEnv, terminalEnv} from '../model/dyno-env.ts'
import type {Emit} from '../model/event.ts'
import {platformLimits} from '../model/limits.ts'
import {renderCommand} from '../model/one-off.ts'
import type {Settings} from '../model/settings.ts'
import type {Attached, AttachedIo} from './attached.ts'
import {openGround} from './dyno-ground.ts'
import {dynoIo} from './dyno-io.ts'
import {DynoLifeTeller} from './dyno-life-teller.ts'
import {makeDyno} from './make-dyno.ts'
import type {OneOffKind} from './one-off-kind.ts'

export type RunWorld = {
  readonly settings: Settings
  readonly table: ProcessTable
  /** Told what the platform says about the dyno, that there is no such command, and its output when that goes to the log. */
  readonly emit: Emit
  readonly warn: (text: string) => void
}

export type OneOff = {
  /** `run.4711` */
  readonly name: string
  readonly command: string | readonly string[]
  readonly kind: OneOffKind
  readonly io: AttachedIo
}

/**
 * Starts a one-off dyno of an app (platform.md c.9): with the app's environment, in no formation, never restarted, and gone with
 * all that came of it when Homeport is killed. Needs no running app and does not disturb one. Resolves when the command runs; one
 * that does not exist ends with 127, one that may not be executed with 126. Rejects with TOOL_MISSING, ISOLATION_UNAVAILABLE.
 */
export async function run(app: App, {name, command, kind, io}: OneOff, {settings, table, emit, warn}: RunWorld): Promise<Attached> {
  const limits = platformLimits(settings.timeScale)
  await using undo = new AsyncDisposableStack()
  const [session, held] = await Promise.all([openOneOffSession({settings, table, io}), holdPort()])
  undo.use(session)
  const runs = kind.slugFolder === undefined ? 'folder' : 'slug'
  const ground = undo.use(await openGround({wish: kind.wish, runs, hasSizes: kind.size !== undefined, settings, session}))
  const spec = planSpec(app, {name, command, kind, io}, held.port)
  const {options, terminal} = dynoIo(io, limits)
  const memory = new MemoryWatch({emit, limits})
  const {dyno, removed} = await makeDyno(spec, {ground, memory, warn, session, emit, gate: openGate, limits, ...options})
  const teller = new DynoLifeTeller(name, {emit, limits, isolation: ground.isolation.tier})
  teller.happen({type: 'start'})
  teller.happen({type: 'launch', command: renderCommand(command)})
  await held.release()
  await dyno.start()
  if (dyno.pid !== undefined) teller.happen({type: 'up'})
  void dyno.ended.then(end => {
    teller.happen({type: 'exit', how: 'for good', status: exitCodeOf(end, constants.signals), livedMs: end.livedMs})
  })
  undo.defer(async () => {
    await killDynos([dyno], session.scanner)
    await removed
  })
  const attached = attach(dyno, {session, emit, stopMs: kind.stopMs, terminal})
  const life = undo.move()
  return {...attached, [Symbol.asyncDispose]: () => life.disposeAsync()}
}

function planSpec(app: App, {name, command, kind, io}: OneOff, port: number): DynoSpec {
  const {slugFolder, size, base, comfort} = kind
  const hasTerminal = io.kind === 'terminal'
  const configVars = configVarValues(app.configVars)
  const planned = dynoEnv({base, configVars, name, type: 'run', port, urls: new Map(), ...(comfort && {comfort})})
  // A bash whose stdin is a socket, as Node's pipes are, and that is no shell's child, thinks of rshd and runs ~/.bashrc first.
  const env = io.kind === 'descriptors' && fstatSync(io.stdin).isSocket() ? {SHLVL: '1', ...planned} : planned
  return {
    name,
    type: 'run',
    command,
    port,
    env: hasTerminal ? terminalEnv(env) : env,
    cwd: slugFolder ?? app.root,
    hasTerminal,
    ...(slugFolder === undefined ? {} : {slugFolder}),
    ...(size === undefined ? {} : {size}),
  }
}

type SessionWishes = Pick<RunWorld, 'settings' | 'table'> & {readonly io: AttachedIo}

/** The guardian and the marks of one command that somebody waits for. */
export async function openOneOffSession({settings, table, io}: SessionWishes): Promise<Session> {
  const {runtimeDir, stateDir, self, shellEnv} = settings
  const isPiped = io.kind === 'log' || (io.kind === 'descriptors' && (io.stdout === 'piped' || io.stderr === 'piped'))
  const session = await openSession({
    runtimeDir,
    reaper: [...self, '__reap', stateDir],
    searchPath: shellEnv['PATH'] ?? '',
    dynos: 1,
    table,
    // A command with descriptors of its own needs no pipes of ours.
    ...(isPiped ? {} : {pipes: 'sockets' as const}),
  })
  await sweepLeftovers(runtimeDir, table)
  return session
}

const openGate = {isCongested: false, whenClear: async () => {}}

type Parts = {
  readonly session: Session
  readonly emit: Emit
  readonly stopMs: number
  readonly terminal: () => Attached['terminal']
}

function attach(dyno: Dyno, {session, emit, stopMs, terminal}: Parts): Omit<Attached, typeof Symbol.asyncDispose> {
  const {scanner} = session
  const signalAll = async (signal: NodeJS.Signals) => {
    for (const process of await dyno.processes()) if (!dyno.isSpared(process)) signalProcess(process, signal)
  }
  return {
    pid: dyno.pid,
    ended: dyno.ended,
    terminal: terminal(),
    signal: name => signalForeground(dyno, name),
    suspend: () => signalAll('SIGSTOP'),
    resume: () => signalAll('SIGCONT'),
    async stop() {
      // Shells at a prompt obey no SIGTERM; they do go when their terminal does.
      if (terminal() !== undefined) await signalForeground(dyno, 'SIGHUP')
      await stopDynos([dyno], {scanner, emit, graceMs: stopMs})
      await dyno.ended
    },
    async kill() {
      await killDynos([dyno], scanner)
      await dyno.ended
    },
  }
}

/** What a key of its terminal would reach: the group of its first process, without what belongs to its isolation. */
async function signalForeground(dyno: Dyno, signal: NodeJS.Signals): Promise<void> {
  if (dyno.pid === undefined) return
  const inside = (await dyno.processes()).filter(process => !dyno.isSpared(process))
  const first = inside.find(({pid}) => pid === dyno.pid) ?? inside[0]
  for (const process of inside) if (process.pgid === first?.pgid) signalProcess(process, signal)
}
