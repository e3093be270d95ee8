import {statSync} from 'node:fs'
import {join} from 'node:path'
import {giveTree} from '../../../lib/copy-tree.ts'
import type {CommandLine} from '../../../model/dyno.ts'
import {keepVariables, restoringArgv} from './boot-script.ts'
import type {BuildCommand, BuildSpec, OpenRoom, Place, Room, View} from './isolation.ts'
import {makePrivateFolder, makeRoomFolder, makingRoom, recordRoom, removeRoom} from './room.ts'
import {sandboxCommand} from './sandbox-command.ts'
import type {SandboxParts} from './sandbox-parts.ts'
import {appFolder} from './sandbox-room.ts'
import {sandboxUid} from './uid-lease.ts'

/** A build's room: its own /tmp, and /app as HOME (platform.md d.3), which is empty unless a view lies there. */
export async function prepareSandboxBuild({machine}: SandboxParts, build: BuildSpec, place: Place): Promise<OpenRoom> {
  const user = machine.uid === 0 ? {uid: sandboxUid, gid: sandboxUid} : undefined
  const folder = makeRoomFolder('build', place.roomsFolder)
  const own = [
    {source: join(folder, 'tmp'), target: '/tmp'},
    {source: join(folder, 'home'), target: appFolder},
  ].filter(({target}) => build.views.every(view => view.target !== target))
  const views: readonly View[] = [
    ...own.map(view => ({...view, kind: 'folder', isWritable: true}) as const),
    ...build.views.map(view => ({...view, kind: statSync(view.source).isDirectory() ? 'folder' : 'file'}) as const),
  ]
  const base = {
    tier: 'sandbox',
    folder,
    disk: 'folder',
    appFolder,
    home: appFolder,
    cgroups: [],
    countsProcesses: false,
    inputs: {},
  } as const
  const room = recordRoom({...base, ...(user === undefined ? {} : {user}), views})
  await makingRoom(room, async () => {
    for (const {source} of own) makePrivateFolder(source, user)
    if (user !== undefined) for (const {source, isWritable} of build.views) if (isWritable) await giveTree(source, user)
  })
  return {room, [Symbol.asyncDispose]: () => removeRoom(room)}
}

export function inSandbox(parts: SandboxParts, build: BuildSpec, room: Room, command: BuildCommand): CommandLine {
  const env = keepVariables({...command.env, HOME: appFolder, PWD: command.workingFolder})
  const [file = '', ...args] = restoringArgv(command.argv, parts.machine.systemShell, env)
  const network = build.network === 'none' ? 'none' : 'shared'
  const options = {workingFolder: command.workingFolder, hasTerminal: false, network} as const
  return {...sandboxCommand(parts, room, {file, args}, options), env, cwd: '/'}
}
