import type {OutputReader} from '../engines/dyno/dyno.ts'
import {withRelatives} from '../engines/dyno/dyno-processes.ts'
import {signalProcess} from '../engines/dyno/end-processes.ts'
import {type Launched, launch, missingProgram} from '../engines/dyno/launch.ts'
import {markerVariable} from '../engines/dyno/mark.ts'
import type {Session} from '../engines/dyno/session.ts'
import {settlesWithin} from '../lib/wait.ts'
import type {CommandLine, DynoEnd} from '../model/dyno.ts'
import {platformLimits} from '../model/limits.ts'
import type {Attached, AttachedIo} from './attached.ts'
import {dynoIo} from './dyno-io.ts'
import {openOneOffSession, type RunWorld} from './run.ts'

export type ExecOptions = {
  /** A terminal, or descriptors. */
  readonly io: AttachedIo
  /** What the command said in its place when it does not exist. */
  readonly complain: (text: string) => void
}

/**
 * Starts a command inside a running dyno (platform.md c.10): `commandLine` comes from `AppControl.execIn` and carries the dyno's
 * mark, so that whatever the command starts belongs to the dyno and ends with it. What it leaves behind stays there, as after a
 * login; when Homeport is killed, the command and its children are ended.
 */
export async function execInDyno(
  commandLine: CommandLine,
  {io, complain}: ExecOptions,
  world: Pick<RunWorld, 'settings' | 'table'>,
): Promise<Attached> {
  const missing = missingProgram(commandLine)
  if (missing !== undefined) {
    complain(missing.text)
    return neverRan({exitCode: missing.exitCode, livedMs: 0, lastLines: []})
  }
  const limits = platformLimits(world.settings.timeScale)
  await using undo = new AsyncDisposableStack()
  const session = undo.use(await openOneOffSession({...world, io}))
  const {options, terminal} = dynoIo(io, limits)
  const {launch: start = launch, readOutput} = options
  const marker = commandLine.env[markerVariable] ?? ''
  const pipes = await session.takePipes()
  const launched = await start(commandLine, {marker, prlimit: session.prlimit, pipes, stdin: 'ignore'})
  const output = readOutput?.(launched.streams, async () => [])
  await session.recordDyno(launched.pid)
  const drainMs = options.limits?.drainMs ?? limits.drainMs
  const ended = live(launched, {output, drainMs})
  const life = undo.move()
  const attached = attach(launched, {session, ended, stopMs: limits.stopFolderMs, terminal: terminal()})
  return {...attached, [Symbol.asyncDispose]: () => life.disposeAsync()}
}

async function live(
  {exited}: Launched,
  {output, drainMs}: {readonly output: OutputReader | undefined; readonly drainMs: number},
): Promise<DynoEnd> {
  const startedAt = performance.now()
  const exit = await exited
  const livedMs = performance.now() - startedAt
  if (output !== undefined && !(await output.endsWithin(drainMs))) output.abandon()
  await output?.ended
  return {...exit, livedMs, lastLines: []}
}

type Parts = Pick<Attached, 'ended' | 'terminal'> & {readonly session: Session; readonly stopMs: number}

function attach({pid, exited}: Launched, {session, ended, stopMs, terminal}: Parts): Omit<Attached, typeof Symbol.asyncDispose> {
  let hasEnded = false
  void exited.then(() => {
    hasEnded = true
  })
  const signal = async (name: NodeJS.Signals) => {
    if (!hasEnded) signalProcess({pid: -pid}, name)
  }
  const signalAll = async (name: NodeJS.Signals) => {
    if (hasEnded) return
    const scan = await session.scanner.scan()
    const first = scan.processes.get(pid)
    for (const process of withRelatives(scan, first === undefined ? [] : [first])) signalProcess(process, name)
  }
  const kill = async () => {
    await signalAll('SIGKILL')
    await ended
  }
  return {
    pid,
    ended,
    terminal,
    signal,
    suspend: () => signalAll('SIGSTOP'),
    resume: () => signalAll('SIGCONT'),
    async stop() {
      if (terminal !== undefined) await signal('SIGHUP')
      await signalAll('SIGTERM')
      if (!(await settlesWithin(ended, stopMs))) await kill()
    },
    kill,
  }
}

function neverRan(end: DynoEnd): Attached {
  const nothing = async () => {}
  return {
    pid: undefined,
    ended: Promise.resolve(end),
    terminal: undefined,
    signal: nothing,
    suspend: nothing,
    resume: nothing,
    stop: nothing,
    kill: nothing,
    [Symbol.asyncDispose]: nothing,
  }
}
