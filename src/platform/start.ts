import {isOfSession} from '../engines/dyno/mark.ts'
import {sweepLeftovers} from '../engines/dyno/reap.ts'
import {openSession, type Session} from '../engines/dyno/session.ts'
import {type FolderLock, lockFolder} from '../engines/registry/folder-lock.ts'
import {type HeldPort, holdPort} from '../lib/free-port.ts'
import {pause} from '../lib/wait.ts'
import type {App} from '../model/app.ts'
import {configVarValues} from '../model/config-vars.ts'
import type {DynoSize} from '../model/dyno-size.ts'
import {HomeportError} from '../model/error.ts'
import {checkType, type Formation, planFormation} from '../model/formation.ts'
import {platformLimits} from '../model/limits.ts'
import type {StartOptions} from '../model/start-options.ts'
import {planStartOrder} from '../model/start-order.ts'
import {type AppDynosParts, appDynos} from './app-dynos.ts'
import {type AppRouter, openAppRouter} from './app-router.ts'
import {openGround} from './dyno-ground.ts'
import {runRelease} from './run-release.ts'
import type {SlugInUse} from './run-slug.ts'
import {RunningApp} from './running-app.ts'
import {slugBaseEnv, slugSize} from './slug-base.ts'
import type {StartWorld} from './start-world.ts'

/** An app that runs, and what lives as long as it does. Disposing of it stops the app and leaves nothing. */
export type StartedApp = AsyncDisposable & {
  readonly running: RunningApp
  /** Absent for a start that does not lock its folder. */
  readonly lock?: FolderLock
  readonly router: AppRouter
  readonly session: Session
  /** Type -> address at which its dynos are reached. */
  readonly urls: ReadonlyMap<string, string>
  /** Processes of the app that still run; 0 after a stop. */
  processesLeft(): Promise<number>
}

export type StartSource = {
  /** Instead of the folder this slug is run, as production would. */
  readonly slug?: SlugInUse
  /** Whether a second start in the folder is kept out; `ci` runs beside anything. */
  readonly isLocked?: boolean
}

/**
 * Runs an app, from its folder or from a slug: plans, locks the folder, opens the router, starts the guardian, runs the release
 * command of a slug, then the dynos. What fails before the first dyno has no effect that stays. Rejects with RELEASE_FAILED,
 * ISOLATION_UNAVAILABLE, ALREADY_RUNNING, PORT_TAKEN, NO_PROCESS_TYPES, and what planFormation says.
 */
export async function start(
  app: App,
  options: StartOptions,
  world: StartWorld,
  {slug, isLocked = true}: StartSource = {},
): Promise<StartedApp> {
  const {settings, table} = world
  const limits = platformLimits(settings.timeScale)
  const formation = planFormation(app.types, options.formation)
  for (const type of options.sizes.keys()) if (type !== 'release') checkType(type, formation)
  if (options.tty !== undefined) checkType(options.tty, formation)
  const names = dynoNames(formation)
  if (names.length === 0) throw noDynos(formation)
  const order = planStartOrder(options.after, new Set([...formation].filter(([, quantity]) => quantity > 0).map(([type]) => type)))
  await using undo = new AsyncDisposableStack()
  // The guardian, a process of its own, gets ready while everything else does.
  const opening = openSession({
    runtimeDir: settings.runtimeDir,
    reaper: [...settings.self, '__reap', settings.stateDir],
    searchPath: settings.shellEnv['PATH'] ?? '',
    dynos: names.length,
    table,
  })
  undo.defer(() => opening.then(session => session.close()).catch(() => {}))
  const lock = isLocked ? undo.use(await lockFolder(app.root, {runtimeDir: settings.runtimeDir, processes: table})) : undefined
  await sweepLeftovers(settings.runtimeDir, table)
  const router = undo.use(
    await openAppRouter(app, {options, stateDir: settings.stateDir, limits, emit: world.emit, table, warn: world.warn}),
  )
  const [held, session] = await Promise.all([holdPorts(names), opening])
  // A port that no dyno took over in the end would keep the process alive.
  undo.defer(async () => {
    await Promise.all([...held.values()].map(port => port.release()))
  })
  const ground = undo.use(await openGround({...groundWishes(options, slug !== undefined), settings, session}))
  const urls = router.url === undefined ? firstDynoUrls(held) : router.urls
  const parts: AppDynosParts = {...dynoSource(app, options, {settings, slug}), world, limits, session, ground, router, urls}
  const dynos = appDynos(parts)
  const configVars = configVarValues(app.configVars)
  const releaseCommand = app.types.get('release')
  if (slug !== undefined && releaseCommand !== undefined) await runRelease(releaseCommand, {dynos, configVars, limits, stop: world.stop})
  const running = new RunningApp({
    name: app.name,
    root: app.root,
    types: app.types,
    formation,
    order,
    exitOn: options.exitOn,
    configVars,
    emit: world.emit,
    router,
    world: dynos,
    ...(router.url === undefined ? {} : {url: router.url}),
    ...(router.httpsUrl === undefined ? {} : {httpsUrl: router.httpsUrl}),
  })
  undo.defer(() => running.stop())
  // What the caller loads next must not delay the first line of a dyno.
  await running.startDynos(held)
  const life = undo.move()
  return {
    running,
    router,
    session,
    urls,
    ...(lock === undefined ? {} : {lock}),
    processesLeft: () => countLeft(session),
    [Symbol.asyncDispose]: () => life.disposeAsync(),
  }
}

function groundWishes({isolation, requiredTier, sizes}: StartOptions, isSlug: boolean) {
  return {
    wish: isolation ?? (isSlug ? ('auto' as const) : ('process' as const)),
    runs: isSlug ? ('slug' as const) : ('folder' as const),
    hasSizes: isSlug || sizes.size > 0,
    ...(requiredTier === undefined ? {} : {requiredTier}),
  }
}

/** What the dynos of a folder and those of a slug differ in. */
function dynoSource(
  {root}: App,
  {hasColour, bootMs, stopMs, sizes, tty}: StartOptions,
  {settings, slug}: {readonly settings: StartWorld['settings']; readonly slug: SlugInUse | undefined},
) {
  return {
    folder: slug?.folder ?? root,
    isSlug: slug !== undefined,
    baseEnv: slug === undefined ? settings.shellEnv : slugBaseEnv(settings),
    hasColour,
    ttyType: tty,
    bootMs,
    stopMs,
    sizeOf: (type: string): DynoSize | undefined => sizes.get(type) ?? (slug === undefined ? undefined : slugSize),
  }
}

const leftMs = 2_000

/** Every process that carries a mark of the session, whichever dyno it came from; the last ones may take a moment to be gone. */
async function countLeft({id, scanner}: Session): Promise<number> {
  const deadline = performance.now() + leftMs
  for (;;) {
    const {marked} = await scanner.scan()
    const left = [...marked].flatMap(([marker, processes]) => (isOfSession(marker, id) ? processes.filter(({isZombie}) => !isZombie) : []))
    if (left.length === 0 || performance.now() > deadline) return left.length
    await pause(20)
  }
}

/** `web.1`, `web.2`, `worker.1` */
function dynoNames(formation: Formation): readonly string[] {
  return [...formation].flatMap(([type, quantity]) => Array.from({length: quantity}, (_, index) => `${type}.${index + 1}`))
}

function noDynos(formation: Formation): HomeportError {
  const [type] = formation.keys()
  return new HomeportError('NO_PROCESS_TYPES', 'There is no dyno to start.', {
    hint:
      type === undefined
        ? 'The Procfile declares only `release`, which runs before a release. Add a line such as `web: node server.js`.'
        : `Give a quantity, for example \`homeport start ${type}=1\`.`,
  })
}

async function holdPorts(names: readonly string[]): Promise<ReadonlyMap<string, HeldPort>> {
  return new Map(await Promise.all(names.map(async name => [name, await holdPort()] as const)))
}

/** With `--no-router` a type is reached at its first dyno. */
function firstDynoUrls(held: ReadonlyMap<string, HeldPort>): ReadonlyMap<string, string> {
  const urls = new Map<string, string>()
  for (const [name, {port}] of held) {
    const type = name.slice(0, name.lastIndexOf('.'))
    if (!urls.has(type)) urls.set(type, `http://127.0.0.1:${port}`)
  }
  return urls
}
