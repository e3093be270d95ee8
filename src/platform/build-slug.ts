import type {BuildRoom} from '../engines/buildpack/build-room.ts'
import {chooseIsolation} from '../engines/dyno/isolation/catalog.ts'
import {type BuildSpec, pathInside} from '../engines/dyno/isolation/isolation.ts'
import {readMachine} from '../engines/dyno/isolation/machine.ts'
import {removeRooms} from '../engines/dyno/isolation/room.ts'
import type {Session} from '../engines/dyno/session.ts'
import {slugStore} from '../engines/slug/slug-store.ts'
import {copySource} from '../engines/slug/source.ts'
import {storeSlug} from '../engines/slug/store-slug.ts'
import {privateFolder} from '../lib/private-folder.ts'
import type {Buildpack} from '../model/buildpack.ts'
import type {Emit} from '../model/event.ts'
import {platformLimits} from '../model/limits.ts'
import {registryNetwork} from '../model/registries.ts'
import type {Settings} from '../model/settings.ts'
import type {UsedBuildpack} from '../model/slug.ts'
import {type BuildResult, build} from './build.ts'
import type {BuildWishes, OpenBuildRoom} from './build-options.ts'
import {roomsOf} from './dyno-ground.ts'
import {guardBuildRoom} from './guard-build-room.ts'

export type BuildSlugOptions = {
  readonly wishes: BuildWishes
  readonly configVars: ReadonlyMap<string, string>
  readonly settings: Settings
  readonly emit: Emit
  readonly signal: AbortSignal
  /** What a buildpack folder on the command line is relative to. */
  readonly cwd: string
  /** The buildpacks that Homeport brings. */
  readonly shippedDir: string
  /** Its guardian ends the build when Homeport is killed. */
  readonly session: Session
}

/** Builds the app in `root` with the strongest isolation that works here, and puts the slug into this machine's store. */
export async function buildSlug(root: string, {session, settings, ...options}: BuildSlugOptions): Promise<BuildResult> {
  const store = slugStore(settings)
  const roomsFolder = roomsOf(settings, session.id)
  try {
    return await build(root, {
      ...options,
      settings,
      limits: platformLimits(settings.timeScale),
      copySource: (folder, source) => copySource(folder, {...source, env: settings.shellEnv}),
      openRoom: openBuildRoom(settings, session, roomsFolder),
      storeSlug: (folder, {buildpacks, ...facts}) => storeSlug(folder, {...facts, buildpacks: buildpacks.map(withoutNull), store}),
    })
  } finally {
    await removeRooms(roomsFolder)
  }
}

function openBuildRoom(settings: Settings, session: Session, roomsFolder: string): OpenBuildRoom {
  return async ({views, network, dir}) => {
    const machine = readMachine({searchPath: settings.shellEnv['PATH'] ?? ''})
    privateFolder(roomsFolder)
    const isolation = await chooseIsolation('auto', 'slug', {machine, cacheDir: settings.cacheDir, roomsFolder})
    const spec: BuildSpec = {views, network: network === 'registries' ? registryNetwork(settings.shellEnv) : network}
    const opened = await isolation.prepareBuild(spec, {roomsFolder})
    const room: BuildRoom = {
      pathInside: path => pathInside(opened.room, path),
      wrap: command => isolation.wrapBuild(spec, opened.room, command),
      async endAll() {},
      [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
    }
    return guardBuildRoom(room, {session, dir})
  }
}

function withoutNull({name, ref, commit}: Buildpack): UsedBuildpack {
  return {name, ref, ...(commit === null ? {} : {commit})}
}
