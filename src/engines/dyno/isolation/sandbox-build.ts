import {chmodSync, mkdtempSync, statSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {giveTree} from '../../../lib/copy-tree.ts'
import type {CommandLine} from '../../../model/dyno.ts'
import {sandboxUser} from '../../../model/dyno-user.ts'
import {HomeportError} from '../../../model/error.ts'
import {keepVariables, restoringArgv} from './boot-script.ts'
import type {BuildCommand, BuildSpec, OpenRoom, Place, Room, View} from './isolation.ts'
import {RegistryProxy} from './registry-proxy.ts'
import {proxySocketInside, relayVariables, withRegistryRelay} from './registry-relay.ts'
import {makePrivateFolder, makeRoomFolder, makingRoom, recordRoom, removeRoom} from './room.ts'
import {sandboxCommand} from './sandbox-command.ts'
import type {SandboxParts} from './sandbox-parts.ts'
import {appFolder} from './sandbox-room.ts'

/** A build's room: its own /tmp, and /app as HOME (platform.md d.3), which is empty unless a view lies there. */
export async function prepareSandboxBuild({machine}: SandboxParts, build: BuildSpec, place: Place): Promise<OpenRoom> {
  const hasRegistries = typeof build.network === 'object'
  if (hasRegistries && machine.tools.perl === undefined) throw needsPerl()
  const user = machine.uid === 0 ? sandboxUser : undefined
  const folder = makeRoomFolder('build', place.roomsFolder)
  // A socket's path may be 100 bytes long; that of a room may not be so short.
  const socketFolder = hasRegistries ? {reachableFolder: mkdtempSync(join(tmpdir(), 'homeport-'))} : {}
  const own = ownViews(folder, build)
  const views = [...own, ...build.views.map(withKind), ...(hasRegistries ? [socketView(socketFolder.reachableFolder ?? '')] : [])]
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
  const room = recordRoom({...base, ...socketFolder, ...(user === undefined ? {} : {user}), views})
  const proxy = await makingRoom(room, async () => {
    for (const {source} of own) makePrivateFolder(source, user)
    if (user !== undefined) for (const {source, isWritable} of build.views) if (isWritable) await giveTree(source, user)
    return await openProxy(build, views.at(-1)?.source ?? '')
  })
  return {
    room,
    async [Symbol.asyncDispose]() {
      await proxy?.[Symbol.asyncDispose]()
      await removeRoom(room)
    },
  }
}

export function inSandbox(parts: SandboxParts, build: BuildSpec, room: Room, command: BuildCommand): CommandLine {
  const hasRegistries = typeof build.network === 'object'
  const proxied = hasRegistries ? relayVariables(command.env) : {}
  const env = keepVariables({...command.env, ...proxied, HOME: appFolder, PWD: command.workingFolder})
  const [file = '', ...args] = restoringArgv(command.argv, parts.machine.systemShell, env)
  const program = hasRegistries ? withRegistryRelay(parts.machine.tools.perl ?? 'perl', {file, args}) : {file, args}
  const network = build.network === 'all' ? 'shared' : 'none'
  return {...sandboxCommand(parts, room, program, {workingFolder: command.workingFolder, hasTerminal: false, network}), env, cwd: '/'}
}

function ownViews(folder: string, build: BuildSpec): readonly View[] {
  const own = [
    {source: join(folder, 'tmp'), target: '/tmp'},
    {source: join(folder, 'home'), target: appFolder},
  ]
  const free = own.filter(({target}) => build.views.every(view => view.target !== target))
  return free.map(view => ({...view, kind: 'folder', isWritable: true}))
}

function withKind(view: Omit<View, 'kind'>): View {
  return {...view, kind: statSync(view.source).isDirectory() ? 'folder' : 'file'}
}

function socketView(folder: string): View {
  return {source: join(folder, 'proxy.sock'), target: proxySocketInside, kind: 'file', isWritable: true}
}

async function openProxy({network}: BuildSpec, socket: string): Promise<RegistryProxy | undefined> {
  if (typeof network !== 'object') return undefined
  const proxy = await RegistryProxy.listen(socket, network)
  // Its folder is ours alone; inside the sandbox it is another user who connects.
  chmodSync(socket, 0o666)
  return proxy
}

function needsPerl(): HomeportError {
  return new HomeportError('ISOLATION_UNAVAILABLE', 'A build that reaches registries only needs perl, which is not on PATH.', {
    hint: 'Install perl, or use `--build-network all`.',
  })
}
