import {spawn} from 'node:child_process'
import {constants} from 'node:os'
import {DynoProcesses} from '../engines/dyno/dyno-processes.ts'
import {endProcesses} from '../engines/dyno/end-processes.ts'
import {LastLines} from '../engines/dyno/last-lines.ts'
import {markerVariable} from '../engines/dyno/mark.ts'
import type {App} from '../model/app.ts'
import type {CiStep} from '../model/ci-report.ts'
import {urlVariable} from '../model/dyno.ts'
import {HomeportError} from '../model/error.ts'
import {type Emit, now} from '../model/event.ts'
import type {StartOptions} from '../model/start-options.ts'
import {renderUrlCheck, type UrlCheck} from '../model/url-check.ts'
import {askUntilRight} from './ask-url.ts'
import {bootError} from './boot-error.ts'
import type {SlugInUse} from './run-slug.ts'
import {type StartedApp, start} from './start.ts'
import type {StartWorld} from './start-world.ts'

export type CiOptions = {
  readonly start: StartOptions
  readonly urls: readonly UrlCheck[]
  /** A shell command line, or an exact argv; its exit code is that of `ci`. */
  readonly command?: string | readonly string[]
  /** The Host of the checks; `APP.localhost` by default. */
  readonly host?: string
  /** For each phase, in milliseconds. */
  readonly timeoutMs: number
  /** Leave the app up after the checks, until the user stops it. */
  readonly keeps?: boolean
}

/** What came of it: the steps in their order, and the exit code of cli.md section 8. */
export type CiResult = {readonly steps: readonly CiStep[]; readonly exitCode: number}

export type CiWorld = StartWorld & {
  /** Aborted when the user wants to stop. */
  readonly stop: AbortSignal
  /** Every event, for the last lines of each dyno. */
  subscribe(listener: Emit): () => void
}

/** A phase that failed, with what is known. */
export class CiFailure extends Error {
  readonly steps: readonly CiStep[]
  readonly failure: unknown
  /** Dyno -> its last 50 lines. */
  readonly lastLines: ReadonlyMap<string, readonly string[]>

  constructor(failure: unknown, steps: readonly CiStep[], lastLines: ReadonlyMap<string, readonly string[]>) {
    super(failure instanceof Error ? failure.message : String(failure), {cause: failure})
    this.failure = failure
    this.steps = steps
    this.lastLines = lastLines
  }
}

/**
 * The smoke test of cli.md section 8, from the release phase on: start all types, wait until healthy, ask the urls, run the
 * command, stop, and prove that nothing is left. Rejects with CiFailure naming the phase.
 */
export async function ci(app: App, options: CiOptions, world: CiWorld, slug?: SlugInUse): Promise<CiResult> {
  const log = new Steps(world.emit)
  const lines = collectLines(world)
  try {
    return await runPhases(app, options, {world, slug, log})
  } catch (failure) {
    throw new CiFailure(failure, log.steps, new Map([...lines].map(([dyno, last]) => [dyno, last.toStrings()])))
  }
}

type Phases = {readonly world: CiWorld; readonly slug: SlugInUse | undefined; readonly log: Steps}

async function runPhases(app: App, options: CiOptions, {world, slug, log}: Phases): Promise<CiResult> {
  const hasRelease = slug !== undefined && app.types.has('release')
  if (!hasRelease) log.skip('release', slug === undefined ? 'a folder has no release phase' : 'no release command')
  // The release phase is the beginning of a start; a failure there says so itself.
  const started = await log.run(
    'start',
    () => start(app, options.start, world, {isLocked: false, ...(slug === undefined ? {} : {slug})}),
    renameRelease,
  )
  if (hasRelease) log.insertBefore('start', {name: 'release', outcome: 'passed', durationMs: 0})
  let exitCode = 0
  try {
    await using failures = watchFailures(started, world)
    await log.run('healthy', () => failures.race(within(started.running.booted, options.timeoutMs).then(boot => throwFailed(boot))))
    for (const check of options.urls)
      await log.run(`check ${renderUrlCheck(check)}`, () => failures.race(ask(check, started, {app, options, world})))
    const {command, keeps = false} = options
    if (command !== undefined) exitCode = await log.run('command', () => failures.race(runCommand(command, started, {app, options, world})))
    if (keeps) await new Promise<void>(resolve => world.stop.addEventListener('abort', () => resolve(), {once: true}))
  } catch (failure) {
    // What went wrong first is what is told.
    await stopAll(started, log).catch(() => undefined)
    throw failure
  }
  await stopAll(started, log)
  return {steps: log.steps, exitCode}
}

async function stopAll(started: StartedApp, log: Steps): Promise<void> {
  await log.run('stop', () => started.running.stop())
  await log.run('clean', async () => {
    const left = await started.processesLeft()
    await started[Symbol.asyncDispose]()
    if (left > 0) throw new Error(`${left} processes are left after the stop`)
  })
}

/** A failed release command is a failure of that phase, not of the start. */
function renameRelease(error: unknown): string | undefined {
  return error instanceof HomeportError && error.code === 'RELEASE_FAILED' ? 'release' : undefined
}

function throwFailed({failed}: Awaited<StartedApp['running']['booted']>): void {
  if (failed !== undefined) throw bootError(failed)
}

/** A web dyno that ends, even with 0, fails the run, and so does any dyno that fails. */
function watchFailures({running}: StartedApp, world: CiWorld) {
  const {promise, reject} = Promise.withResolvers<never>()
  promise.catch(() => {})
  const end = world.subscribe(event => {
    if (event.type !== 'state' || running.isStopping) return
    const isWeb = event.dyno.startsWith('web.')
    const slot = running.slots.find(({name}) => name === event.dyno)
    if (slot !== undefined && (event.to === 'crashed' || (isWeb && event.to === 'complete'))) queueMicrotask(() => reject(bootError(slot)))
  })
  const stop = () => reject(world.stop.reason)
  world.stop.addEventListener('abort', stop, {once: true})
  if (world.stop.aborted) stop()
  return {
    race: <Value>(action: Promise<Value>): Promise<Value> => Promise.race([promise, action]),
    async [Symbol.asyncDispose]() {
      end()
      world.stop.removeEventListener('abort', stop)
    },
  }
}

async function within<Value>(promise: Promise<Value>, timeoutMs: number): Promise<Value> {
  const late = Promise.withResolvers<never>()
  const timer = setTimeout(
    () =>
      late.reject(
        new HomeportError('DYNO_NOT_BOOTED', `The app is not healthy after ${timeoutMs / 1_000} s.`, {
          hint: 'Give it more time with --timeout.',
        }),
      ),
    timeoutMs,
  )
  try {
    return await Promise.race([promise, late.promise])
  } finally {
    clearTimeout(timer)
  }
}

type AskParts = {readonly app: App; readonly options: CiOptions; readonly world: CiWorld}

async function ask(check: UrlCheck, {running}: StartedApp, {app, options, world}: AskParts): Promise<void> {
  const {host = `${app.name}.localhost`, timeoutMs} = options
  const port = Number(new URL(running.url ?? 'http://localhost').port)
  const wrong = await askUntilRight(check, {port, host, timeoutMs, signal: world.stop})
  if (wrong !== undefined)
    throw new HomeportError('CHECK_FAILED', `${renderUrlCheck(check)}: ${wrong}.`, {hint: 'The last lines of the dynos stand above.'})
}

/** Runs the user's own check beside the app, with the app's addresses; what it leaves behind is ended with it. */
async function runCommand(command: string | readonly string[], {running, session, urls}: StartedApp, {world}: AskParts): Promise<number> {
  const [file = '', ...args] = typeof command === 'string' ? ['sh', '-c', command] : command
  const web = urls.get('web') ?? ''
  const addresses = [...urls].map(([type, url]) => [urlVariable(type), url] as const)
  const marker = session.newMarker()
  const processes = new DynoProcesses(marker, session.scanner.table)
  const env = {...world.settings.shellEnv, APP_URL: web, ...Object.fromEntries(addresses), [markerVariable]: marker}
  const child = spawn(file, args, {cwd: running.root, env, stdio: 'inherit'})
  const end = () => void child.kill('SIGTERM')
  world.stop.addEventListener('abort', end, {once: true})
  try {
    return await new Promise<number>(resolve => {
      child.on('error', error => resolve((error as NodeJS.ErrnoException).code === 'EACCES' ? 126 : 127))
      child.on('exit', (code, signal) => resolve(code ?? 128 + (signal === null ? 0 : constants.signals[signal])))
    })
  } finally {
    world.stop.removeEventListener('abort', end)
    await endProcesses(async () => processes.find(await session.scanner.scan()))
  }
}

function collectLines({subscribe}: CiWorld): ReadonlyMap<string, LastLines> {
  const lines = new Map<string, LastLines>()
  subscribe(event => {
    if (event.type !== 'output' || event.source !== 'app' || event.partial) return
    const last = lines.get(event.dyno) ?? new LastLines()
    last.push(event.lines)
    lines.set(event.dyno, last)
  })
  return lines
}

/** The steps as they come, each told as an event. */
class Steps {
  steps: readonly CiStep[] = []
  readonly #emit: Emit

  constructor(emit: Emit) {
    this.#emit = emit
  }

  async run<Value>(
    name: string,
    action: () => Promise<Value>,
    rename: (error: unknown) => string | undefined = () => undefined,
  ): Promise<Value> {
    const begun = now()
    this.#emit({type: 'step', time: begun, name, status: 'started'})
    try {
      const value = await action()
      const isFailedCode = typeof value === 'number' && value !== 0
      this.#add({
        name,
        outcome: isFailedCode ? 'failed' : 'passed',
        durationMs: now() - begun,
        ...(isFailedCode ? {detail: `exit code ${value}`} : {}),
      })
      return value
    } catch (error) {
      const detail = error instanceof Error ? error.message : String(error)
      this.#add({name: rename(error) ?? name, outcome: 'failed', durationMs: now() - begun, detail})
      throw error
    }
  }

  skip(name: string, detail: string): void {
    this.#add({name, outcome: 'skipped', durationMs: 0, detail})
  }

  insertBefore(name: string, step: CiStep): void {
    const at = this.steps.findIndex(other => other.name === name)
    this.steps = [...this.steps.slice(0, at), step, ...this.steps.slice(at)]
  }

  #add(step: CiStep): void {
    this.steps = [...this.steps, step]
    const status = ({passed: 'done', failed: 'failed', skipped: 'skipped'} as const)[step.outcome]
    this.#emit({type: 'step', time: now(), name: step.name, status, ...(step.detail === undefined ? {} : {detail: step.detail})})
  }
}
