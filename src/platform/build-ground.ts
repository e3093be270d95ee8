import {join} from 'node:path'
import {chooseIsolation} from '../engines/dyno/isolation/catalog.ts'
import {type BuildSpec, type Isolation, pathInside, type Tier} from '../engines/dyno/isolation/isolation.ts'
import {reachableFolder, readMachine} from '../engines/dyno/isolation/machine.ts'
import type {Session} from '../engines/dyno/session.ts'
import {removeTree} from '../lib/remove-tree.ts'
import {registryNetwork} from '../model/registries.ts'
import type {Settings} from '../model/settings.ts'
import type {BuildNetwork, OpenBuildRoom} from './build-options.ts'
import {guardBuildRoom} from './guard-build-room.ts'

export type BuildGroundOptions = {
  readonly settings: Settings
  readonly session: Session
  readonly roomsFolder: string
  /** May name a registry of the app's own, for `--build-network registries`. */
  readonly configVars: ReadonlyMap<string, string>
}

/** Where a build runs on this machine. */
export type BuildGround = AsyncDisposable & {
  readonly tier: Tier
  /** A folder that the user who builds can reach, where Homeport's own cannot be; undefined when that does not matter. */
  readonly workDir: string | undefined
  readonly openRoom: OpenBuildRoom
}

/** Chooses the strongest tier for a build. As root without any it is `process`: a build may run as root, as `docker build` does. */
export async function openBuildGround({settings, session, roomsFolder, configVars}: BuildGroundOptions): Promise<BuildGround> {
  const machine = readMachine({searchPath: settings.shellEnv['PATH'] ?? ''})
  const isolation = await chooseIsolation('auto', 'folder', {machine, cacheDir: settings.cacheDir, roomsFolder})
  const reachable = isolation.tier === 'own-uid' ? reachableFolder(roomsFolder) : undefined
  if (reachable !== undefined) session.removeAtEnd(reachable)
  const env = {...settings.shellEnv, ...Object.fromEntries(configVars)}
  return {
    tier: isolation.tier,
    workDir: reachable === undefined ? undefined : join(reachable, 'work'),
    openRoom: async ({views, network, dir}) => {
      const room = await openTierRoom(isolation, {views, network: networkOf(network, env)}, roomsFolder)
      return guardBuildRoom(room, {session, dir})
    },
    async [Symbol.asyncDispose]() {
      if (reachable !== undefined && reachable !== roomsFolder) await removeTree(reachable)
    },
  }
}

async function openTierRoom(isolation: Isolation, spec: BuildSpec, roomsFolder: string): ReturnType<OpenBuildRoom> {
  const opened = await isolation.prepareBuild(spec, {roomsFolder})
  return {
    pathInside: path => pathInside(opened.room, path),
    wrap: command => isolation.wrapBuild(spec, opened.room, command),
    endAll: async () => {},
    [Symbol.asyncDispose]: () => opened[Symbol.asyncDispose](),
  }
}

function networkOf(network: BuildNetwork, env: Readonly<Record<string, string>>): BuildSpec['network'] {
  return network === 'registries' ? registryNetwork(env) : network
}
