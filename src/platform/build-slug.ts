import {removeRooms} from '../engines/dyno/isolation/room.ts'
import {sweepLeftovers} from '../engines/dyno/reap.ts'
import {openSession} from '../engines/dyno/session.ts'
import {slugStore} from '../engines/slug/slug-store.ts'
import {copySource} from '../engines/slug/source.ts'
import {storeSlug} from '../engines/slug/store-slug.ts'
import {assetFolder} from '../lib/assets.ts'
import {privateFolder} from '../lib/private-folder.ts'
import {openProcessTable} from '../lib/process-table/process-table.ts'
import {warning} from '../model/build-text.ts'
import type {Emit} from '../model/event.ts'
import {platformLimits} from '../model/limits.ts'
import type {Settings} from '../model/settings.ts'
import {slugSizeLimits} from '../model/slug.ts'
import {build} from './build.ts'
import {openBuildGround} from './build-ground.ts'
import type {BuildOptions, BuildResult, BuildWishes} from './build-options.ts'
import {BuildReport} from './build-report.ts'
import {roomsOf} from './dyno-ground.ts'
import {type TestScripts, testApp} from './test-app.ts'

export type BuildSlugOptions = {
  readonly wishes?: BuildWishes
  /** For ENV_DIR and BUILDPACK_URL; never part of the slug. */
  readonly configVars: ReadonlyMap<string, string>
  readonly settings: Settings
  readonly emit: Emit
  /** Aborting ends the build and everything it started; the build then rejects with the signal's reason. */
  readonly signal: AbortSignal
  /** What a folder on the command line is relative to. */
  readonly cwd: string
  /** The folder with the buildpacks that Homeport brings; by default what travels with the program. */
  readonly shippedDir?: string
  /** How large the compressed slug may be; by default as the platform has it (model/slug.ts). */
  readonly maxArchiveBytes?: number
}

/**
 * Builds the app in `folder` on this machine: `build` with the store, the strongest isolation that works here, and a guardian
 * that leaves nothing when Homeport is killed. Rejects as `build` does, and with ISOLATION_UNAVAILABLE.
 */
export async function buildSlug(folder: string, options: BuildSlugOptions): Promise<BuildResult> {
  return await onBuildGround(options, ground => build(folder, ground))
}

/** Tests the app in `folder` on this machine: `testApp`, as `buildSlug` is `build`. */
export async function testOnMachine(folder: string, options: BuildSlugOptions, scripts: TestScripts): Promise<void> {
  await onBuildGround(options, ground => testApp(folder, ground, scripts))
}

async function onBuildGround<Value>(options: BuildSlugOptions, action: (options: BuildOptions) => Promise<Value>): Promise<Value> {
  const {settings, emit, signal, maxArchiveBytes = slugSizeLimits.maxArchiveBytes, ...rest} = options
  const table = openProcessTable()
  await sweepLeftovers(settings.runtimeDir, table)
  await using session = await openSession({
    runtimeDir: settings.runtimeDir,
    reaper: [...settings.self, '__reap', settings.stateDir],
    searchPath: settings.shellEnv['PATH'] ?? '',
    dynos: 0,
    table,
  })
  const roomsFolder = privateFolder(roomsOf(settings, session.id))
  await using _rooms = {[Symbol.asyncDispose]: () => removeRooms(roomsFolder)}
  const ground = await openBuildGround({settings, session, roomsFolder, configVars: options.configVars})
  await using _work = ground
  if (ground.tier !== 'sandbox')
    new BuildReport(emit).say(warning(`No sandbox works here, so the build runs as “${ground.tier}”: see homeport doctor.`))
  const store = slugStore(settings)
  return await action({
    ...rest,
    settings,
    emit,
    signal,
    limits: platformLimits(settings.timeScale),
    shippedDir: options.shippedDir ?? assetFolder('buildpacks', [settings.cacheDir]),
    ...(ground.workDir === undefined ? {} : {workDir: ground.workDir}),
    copySource: (root, copy) => copySource(root, {...copy, env: settings.shellEnv}),
    openRoom: ground.openRoom,
    storeSlug: (built, {buildpacks, ...facts}) =>
      storeSlug(built, {
        ...facts,
        store,
        maxArchiveBytes,
        buildpacks: buildpacks.map(({name, ref, commit}) => ({name, ref, ...(commit === null ? {} : {commit})})),
      }),
  })
}
