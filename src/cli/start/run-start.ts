import {openProcessTable} from '../../lib/process-table/process-table.ts'
import type {Watcher} from '../../lib/watch.ts'
import type {App} from '../../model/app.ts'
import {portOf} from '../../model/config-vars.ts'
import {now} from '../../model/event.ts'
import {platformLimits} from '../../model/limits.ts'
import type {Settings} from '../../model/settings.ts'
import {bootError} from '../../platform/boot-error.ts'
import {EventHub} from '../../platform/event-hub.ts'
import {openApp} from '../../platform/open-app.ts'
import type {SlugInUse} from '../../platform/run-slug.ts'
import {type StartedApp, start} from '../../platform/start.ts'
import {wantsColour} from '../colour.ts'
import {configVarOptions} from '../flags/config-var-options.ts'
import type {FlagValues} from '../flags/flag-table.ts'
import {list, optionalText, readStartOptions} from '../flags/read-start-options.ts'
import {OutputWriter} from '../output/output-writer.ts'
import {stdoutClosedCode} from '../write.ts'
import {detachedVariable} from './detached.ts'
import {dynoWindow} from './dyno-window.ts'
import {openLogView} from './log-view.ts'
import {startNotes} from './start-notes.ts'
import {renderNote} from './start-request.ts'
import {StopSignals} from './stop-signals.ts'

/** The user asked twice: 128 + SIGINT. */
const insistedCode = 130

export type StartRequest = {
  readonly values: FlagValues
  readonly arguments: readonly string[]
  /** Flags that were not typed but come from the environment or a file. */
  readonly untyped: ReadonlySet<string>
  /** What was typed, with what stands for flags elsewhere before it. */
  readonly argv: readonly string[]
  readonly settings: Settings
  readonly env: Readonly<Record<string, string | undefined>>
  readonly warn: (text: string) => void
}

/** `homeport start`, from its flags to its exit code: runs the app of a folder in the foreground until it is stopped. */
export async function runStart(request: StartRequest): Promise<number> {
  const {values, settings, env} = request
  if (values['detach'] === true) {
    const {detach} = await import('./detach.ts')
    return detach({argv: request.argv, root: optionalText(values, 'root') ?? '.', isJson: values['json'] === true, settings, env})
  }
  const signals = new StopSignals()
  try {
    return await runUntilStopped(request, signals)
  } catch (error) {
    // Who stops a build, or the release command, wanted just that.
    if (signals.hasHeard) return 0
    throw error
  }
}

async function runUntilStopped(request: StartRequest, signals: StopSignals): Promise<number> {
  const {values, settings, env, warn} = request
  const isDetached = env[detachedVariable] === '1'
  const closed = Promise.withResolvers<number>()
  const stdout = new OutputWriter(1, {onClosed: () => closed.resolve(stdoutClosedCode)})
  const hasColour = wantsColour({isTerminal: stdout.isTerminal, flag: values['color'] as boolean | undefined, env})
  using slug = await slugOf(request, signals.asSignal())
  const app = slug === undefined ? readFolder(request) : (await import('./open-slug.ts')).readSlugApp(request, slug)
  const options = startOptions(request, app, {hasColour, isSlug: slug !== undefined})
  const hub = new EventHub()
  const view = openLogView({values, stdout, hasColour, names: [...app.types.keys()].map(type => `${type}.1`)})
  if (!isDetached) hub.subscribe(view.show)
  for (const note of [...app.notices, ...app.warnings.map(renderNote)]) warn(note)
  await using beside = new AsyncDisposableStack()
  const keep = await logKeeper(app, {hub, settings, warn, beside, isSlug: slug !== undefined})
  const world = {
    settings,
    emit: hub.emit,
    gate: view,
    table: openProcessTable(),
    warn,
    stop: signals.asSignal(),
    ...(options.tty === undefined ? {} : {terminalSize: dynoWindow([`${options.tty}.1`], {timestamps: values['timestamps'] !== false})}),
  }
  await using started = await start(app, options, world, slug === undefined ? {} : {slug})
  const stopped = untilStopped(started, {signals, closed: closed.promise, isDetached})
  // What comes now is loaded while the dynos boot; an end that comes meanwhile is looked at below.
  stopped.catch(() => {})
  await keep()
  await using served = new AsyncDisposableStack()
  const {serveApp} = await import('./serve-app.ts')
  if (started.lock !== undefined) served.use(await serveApp(started.running, started.lock, {hub, settings}))
  if (options.isWatching && slug === undefined) served.defer(await watch(app, started, request))
  const port = new URL(started.running.url ?? 'http://localhost').port
  const isRoot = process.geteuid?.() === 0 && started.running.isolation === 'process'
  for (const note of startNotes(options, {isRoot, port})) warn(note)
  const exitCode = await stopped
  hub.emit({type: 'stopped', time: now(), exitCode, left: 0})
  await Promise.race([view.flush(), signals.second])
  return exitCode
}

type KeeperParts = {
  readonly hub: EventHub
  readonly settings: Settings
  readonly warn: (text: string) => void
  readonly beside: AsyncDisposableStack
  readonly isSlug: boolean
}

/** The log of a slug is kept from its release command on; that of a folder from the first line on too, but written when dynos run. */
async function logKeeper(app: App, {hub, settings, warn, beside, isSlug}: KeeperParts): Promise<() => Promise<void>> {
  const early = hub.record()
  const keep = async () => {
    const {keepLog} = await import('./keep-log.ts')
    beside.use(keepLog(app, {hub, settings, warn, early: early.stop()}))
  }
  if (!isSlug) return keep
  await keep()
  return async () => {}
}

function readFolder({values, settings}: StartRequest): App {
  const procfile = optionalText(values, 'procfile')
  return openApp(optionalText(values, 'root') ?? '.', {
    ...configVarOptions(values, settings),
    ...(procfile === undefined ? {} : {procfile}),
  })
}

function startOptions(
  {values, untyped, arguments: types, settings}: StartRequest,
  app: App,
  {hasColour, isSlug}: {readonly hasColour: boolean; readonly isSlug: boolean},
) {
  const envFilePort = values['port'] === undefined ? portOf(app.configVars) : undefined
  return readStartOptions({
    values,
    untyped,
    arguments: types,
    limits: platformLimits(settings.timeScale),
    isSlug,
    hasColour,
    ...(envFilePort === undefined ? {} : {envFilePort}),
  })
}

/** The slug that is to be run instead of the folder: that of `--slug`, or the one that `--build` makes first. */
async function slugOf({values, settings}: StartRequest, stop: AbortSignal): Promise<SlugInUse | undefined> {
  if (values['build'] !== true && values['slug'] === undefined) return undefined
  const {openSlug} = await import('./open-slug.ts')
  const {buildView} = await import('../output/build-view.ts')
  return await openSlug({values, settings, emit: buildView(new OutputWriter(2)), stop})
}

async function watch(app: App, {running}: StartedApp, request: StartRequest): Promise<() => Promise<void>> {
  const {values, warn} = request
  const {watchApp} = await import('../../platform/watch-app.ts')
  const envFiles = list(values, 'env')
  const appFiles = [optionalText(values, 'procfile') ?? 'Procfile', ...(envFiles.length === 0 ? ['.env'] : envFiles)]
  const watcher: Watcher = await watchApp(app, running, {appFiles, reopen: () => readFolder(request), tell: text => running.say(text)})
  if (watcher.isPolling) warn('This file system sends no events for changes; Homeport looks at the files five times a second instead.')
  return () => watcher.close()
}

type Ends = {readonly signals: StopSignals; readonly closed: Promise<number>; readonly isDetached: boolean}

/** Stops for the first reason that comes, and gives the exit code that it asks for (cli.md section 1). */
async function untilStopped({running}: StartedApp, {signals, closed, isDetached}: Ends): Promise<number> {
  let asked: number | undefined
  let failure: Error | undefined
  const stopWith = (exitCode: number) => {
    if (!running.isStopping) asked = exitCode
    void running.stop()
  }
  void running.stopBegan.then(() => signals.stopBegan())
  void signals.first.then(() => stopWith(0))
  void closed.then(stopWith)
  void signals.second.then(() => {
    asked = insistedCode
    void running.kill()
  })
  // In the background the app must come up: the first dyno that fails to ends it.
  void running.booted.then(({failed}) => {
    if (!isDetached || failed === undefined) return
    failure = bootError(failed)
    void running.stop()
  })
  const exitCode = await running.stopped
  if (failure !== undefined) throw failure
  return asked ?? exitCode
}
