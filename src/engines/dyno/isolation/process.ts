import {join} from 'node:path'
import {copyTree} from '../../../lib/copy-tree.ts'
import type {CommandLine, DynoSpec} from '../../../model/dyno.ts'
import {openFilesLimit} from '../../../model/dyno-size.ts'
import {planCommandLine} from '../shell.ts'
import {commandArgv, keepVariables} from './boot-script.ts'
import type {Isolation, OpenRoom, Place, Room} from './isolation.ts'
import type {Launch} from './launch.ts'
import type {LaunchStep} from './launch-step.ts'
import type {Machine} from './machine.ts'
import {plainBuildEnv, preparePlainBuild} from './plain-build.ts'
import {makeRoomCgroup, makeRoomFolder, makingRoom, recordRoom, removeRoom} from './room.ts'

/** The weakest tier: a process group of its own, and for a slug a private copy of the app. Works everywhere. */
export function processIsolation(machine: Machine, launch: Launch): Isolation {
  return {
    tier: 'process',
    helperGenerations: 0,
    prepare: (spec, place) => prepare(spec, place),
    wrap: (spec, room) => commandLine(spec, room, spec.command, spec.env),
    enter: (spec, room, {command, env}) => commandLine(spec, room, command, env),
    prepareBuild: (build, place) => preparePlainBuild('process', build, place),
    wrapBuild(_build, room, command): CommandLine {
      const [file = '', ...args] = command.argv
      return {file, args, env: plainBuildEnv(room, command), cwd: command.workingFolder}
    },
  }

  function commandLine(
    spec: DynoSpec,
    room: Room,
    command: string | readonly string[],
    env: Readonly<Record<string, string>>,
  ): CommandLine {
    const isLogin = spec.slugFolder !== undefined
    const steps: readonly LaunchStep[] = [
      ...room.cgroups.map(cgroup => ({step: 'join', cgroup}) as const),
      ...(isLogin ? [{step: 'limit', of: 'open-files', to: openFilesLimit} as const] : []),
    ]
    if (steps.length === 0) return planCommandLine({...spec, command, env}, {path: machine.shell.file})
    const home = room.home === undefined ? {} : {HOME: room.home, PWD: room.home}
    const kept = keepVariables({...env, ...home})
    const [file = '', ...args] = commandArgv(command, machine.shell, {env: kept, isLogin})
    return {...launch(steps, {file, args}), env: kept, cwd: room.appFolder}
  }
}

async function prepare(spec: DynoSpec, place: Place): Promise<OpenRoom> {
  const {slugFolder} = spec
  const cgroup = makeRoomCgroup(spec, place)
  const base = {tier: 'process', cgroups: cgroup.folders, countsProcesses: cgroup.countsProcesses, views: [], inputs: {}} as const
  if (slugFolder === undefined) return open({...base, disk: 'folder', appFolder: spec.cwd})
  const folder = makeRoomFolder(spec.name, place.roomsFolder)
  const app = join(folder, 'app')
  const room = recordRoom({...base, folder, disk: 'copy', appFolder: app, home: app})
  await makingRoom(room, () => copyTree(slugFolder, app))
  return open(room)
}

function open(room: Room): OpenRoom {
  return {room, [Symbol.asyncDispose]: () => removeRoom(room)}
}
