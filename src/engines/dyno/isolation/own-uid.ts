import {chmodSync} from 'node:fs'
import {join} from 'node:path'
import {copyTree} from '../../../lib/copy-tree.ts'
import type {CommandLine, DynoSpec} from '../../../model/dyno.ts'
import {openFilesLimit} from '../../../model/dyno-size.ts'
import {sandboxUser} from '../../../model/dyno-user.ts'
import {HomeportError} from '../../../model/error.ts'
import {commandArgv, keepVariables, restoringArgv} from './boot-script.ts'
import type {Isolation, OpenRoom, Place, Room} from './isolation.ts'
import type {Launch} from './launch.ts'
import type {LaunchStep} from './launch-step.ts'
import {isReachable, type Machine, reachableFolder} from './machine.ts'
import {plainBuildEnv, preparePlainBuild} from './plain-build.ts'
import {makePrivateFolder, makeRoomCgroup, makeRoomFolder, makingRoom, recordRoom, removeRoom} from './room.ts'
import {leaseUid} from './uid-lease.ts'

/**
 * For root where no sandbox can be had: an unprivileged user for each dyno, no way to more rights, no capabilities. A slug's
 * dyno gets a private copy of the app that belongs to its user, HOME and working directory there. A folder's dyno uses the
 * folder as far as its modes let any user: usually it can read it and not write; its HOME and TMPDIR are its own, and empty.
 */
export function ownUidIsolation(machine: Machine, launch: Launch): Isolation {
  return {
    tier: 'own-uid',
    helperGenerations: 0,
    prepare,
    wrap: (spec, room) => commandLine(spec, room, spec.command, spec.env),
    enter: (spec, room, {command, env}) => commandLine(spec, room, command, env),
    prepareBuild: (build, place) => preparePlainBuild('own-uid', build, place, sandboxUser),
    wrapBuild(_build, room, command): CommandLine {
      const env = keepVariables(plainBuildEnv(room, command))
      const [file = '', ...args] = restoringArgv(command.argv, machine.systemShell, env)
      const user = room.user ?? sandboxUser
      const steps: readonly LaunchStep[] = [{step: 'become', ...user}, {step: 'die-with-parent'}, {step: 'no-new-rights'}]
      return {...launch(steps, {file, args}), env, cwd: command.workingFolder}
    },
  }

  function commandLine(
    spec: DynoSpec,
    room: Room,
    command: string | readonly string[],
    env: Readonly<Record<string, string>>,
  ): CommandLine {
    const kept = keepVariables({...env, ...homeVariables(spec, room)})
    const [file = '', ...args] = commandArgv(command, machine.systemShell, {env: kept, isLogin: spec.slugFolder !== undefined})
    const user = room.user ?? {uid: 65_534, gid: 65_534}
    const steps: readonly LaunchStep[] = [
      ...room.cgroups.map(cgroup => ({step: 'join', cgroup}) as const),
      {step: 'limit', of: 'open-files', to: openFilesLimit},
      // The user is the dyno's alone, so its count of processes is the dyno's.
      ...(spec.size === undefined || room.countsProcesses ? [] : [{step: 'limit', of: 'processes', to: spec.size.processes} as const]),
      {step: 'become', ...user},
      {step: 'die-with-parent'},
      {step: 'no-new-rights'},
    ]
    return {...launch(steps, {file, args}), env: kept, cwd: room.appFolder}
  }
}

function homeVariables(spec: DynoSpec, {home, appFolder, folder, reachableFolder}: Room): Record<string, string> {
  const temporary = join(reachableFolder ?? folder ?? '/', 'tmp')
  return {...(home === undefined ? {} : {HOME: home}), TMPDIR: temporary, ...(spec.slugFolder === undefined ? {} : {PWD: appFolder})}
}

async function prepare(spec: DynoSpec, place: Place): Promise<OpenRoom> {
  if (spec.slugFolder === undefined && !isReachable(spec.cwd)) throw unreachable(spec.cwd)
  const lease = await leaseUid()
  const user = {uid: lease.uid, gid: lease.uid}
  const cgroup = makeRoomCgroup(spec, place)
  const folder = makeRoomFolder(spec.name, place.roomsFolder)
  const base = isReachable(place.roomsFolder) ? folder : reachableFolder(place.roomsFolder)
  const home = join(base, spec.slugFolder === undefined ? 'home' : 'app')
  const room = recordRoom({
    tier: 'own-uid',
    folder,
    ...(base === folder ? {} : {reachableFolder: base}),
    disk: spec.slugFolder === undefined ? 'folder' : 'copy',
    appFolder: spec.slugFolder === undefined ? spec.cwd : home,
    home,
    user,
    cgroups: cgroup.folders,
    countsProcesses: cgroup.countsProcesses,
    views: [],
    inputs: {},
  })
  await makingRoom(room, async () => {
    chmodSync(base, 0o711)
    makePrivateFolder(join(base, 'tmp'), user)
    if (spec.slugFolder === undefined) makePrivateFolder(home, user)
    else await copyTree(spec.slugFolder, home, {owner: user})
    // Other dynos run as other users: the way to the copy is open, the copy is not.
    chmodSync(home, 0o700)
  }).catch(async error => {
    await lease[Symbol.asyncDispose]()
    throw error
  })
  return {
    room,
    async [Symbol.asyncDispose]() {
      await removeRoom(room)
      await lease[Symbol.asyncDispose]()
    },
  }
}

function unreachable(folder: string): HomeportError {
  return new HomeportError('ISOLATION_UNAVAILABLE', `A user of its own cannot reach ${folder}: a folder above it is closed to others.`, {
    hint: `Move the app out of there, for example to /srv, or use \`--isolation sandbox\`.`,
  })
}
