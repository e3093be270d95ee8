import {sweepLeftovers} from '../engines/dyno/reap.ts'
import {openSession} from '../engines/dyno/session.ts'
import {type FolderLock, lockFolder} from '../engines/registry/folder-lock.ts'
import {type HeldPort, holdPort} from '../lib/free-port.ts'
import type {ProcessTable} from '../lib/process-table/process-table.ts'
import type {App} from '../model/app.ts'
import {configVarValues} from '../model/config-vars.ts'
import {HomeportError} from '../model/error.ts'
import {type Formation, planFormation} from '../model/formation.ts'
import {platformLimits} from '../model/limits.ts'
import type {StartOptions} from '../model/start-options.ts'
import {planStartOrder} from '../model/start-order.ts'
import {type AppRouter, openAppRouter} from './app-router.ts'
import {folderDynos} from './folder-dynos.ts'
import {RunningApp} from './running-app.ts'
import type {StartWorld} from './start-world.ts'

/** An app that runs, and what lives as long as it does. Disposing of it stops the app and leaves nothing. */
export type StartedApp = AsyncDisposable & {readonly running: RunningApp; readonly lock: FolderLock; readonly router: AppRouter}

/**
 * Runs the app of a folder: plans, locks the folder, opens the router, starts the guardian, then the dynos. What fails before
 * the first dyno has no effect that stays.
 */
export async function start(app: App, options: StartOptions, world: StartWorld): Promise<StartedApp> {
  const {settings, table} = world
  const limits = platformLimits(settings.timeScale)
  const formation = planFormation(app.types, options.formation)
  const names = dynoNames(formation)
  if (names.length === 0) throw noDynos()
  const order = planStartOrder(options.after, new Set([...formation].filter(([, quantity]) => quantity > 0).map(([type]) => type)))
  await using undo = new AsyncDisposableStack()
  // The guardian, a process of its own, gets ready while everything else does.
  const opening = openSession({
    runtimeDir: settings.runtimeDir,
    reaper: [...settings.self, '__reap'],
    searchPath: settings.shellEnv['PATH'] ?? '',
    dynos: names.length,
    table,
  })
  undo.defer(() => opening.then(session => session.close()).catch(() => {}))
  const lock = undo.use(await lockFolder(app.root, {runtimeDir: settings.runtimeDir, processes: processReader(table)}))
  await sweepLeftovers(settings.runtimeDir, table)
  const router = undo.use(await openAppRouter(app, {options, limits, emit: world.emit, table, warn: world.warn}))
  const [held, session] = await Promise.all([holdPorts(names), opening])
  const running = new RunningApp({
    name: app.name,
    root: app.root,
    types: app.types,
    formation,
    order,
    exitOn: options.exitOn,
    configVars: configVarValues(app.configVars),
    emit: world.emit,
    router,
    world: folderDynos(app, {options, world, limits, router, session, urls: router.url === undefined ? firstDynoUrls(held) : router.urls}),
    ...(router.url === undefined ? {} : {url: router.url}),
  })
  undo.defer(() => running.stop())
  // What the caller loads next must not delay the first line of a dyno.
  await running.startDynos(held)
  const life = undo.move()
  return {running, lock, router, [Symbol.asyncDispose]: () => life.disposeAsync()}
}

function processReader(table: ProcessTable) {
  return {...table, realm: Object.values(table.realm).join(' ')}
}

/** `web.1`, `web.2`, `worker.1` */
function dynoNames(formation: Formation): readonly string[] {
  return [...formation].flatMap(([type, quantity]) => Array.from({length: quantity}, (_, index) => `${type}.${index + 1}`))
}

function noDynos(): HomeportError {
  return new HomeportError('NO_PROCESS_TYPES', 'There is no dyno to start.', {
    hint: 'Give a quantity, for example `homeport start web=1`.',
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
