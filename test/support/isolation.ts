import {type ChildProcess, spawn} from 'node:child_process'
import {chmodSync, chownSync, existsSync, mkdirSync, readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import type {BuildCommand, BuildSpec, Isolation, OpenRoom, Place, Room, Tier} from '../../src/engines/dyno/isolation/isolation.ts'
import {type LauncherKind, launcher} from '../../src/engines/dyno/isolation/launch.ts'
import {type Machine, readMachine} from '../../src/engines/dyno/isolation/machine.ts'
import {ownUidIsolation} from '../../src/engines/dyno/isolation/own-uid.ts'
import {processIsolation} from '../../src/engines/dyno/isolation/process.ts'
import {sandboxIsolation} from '../../src/engines/dyno/isolation/sandbox.ts'
import {writeSandboxFiles} from '../../src/engines/dyno/isolation/sandbox-files.ts'
import {seccompArchitecture} from '../../src/engines/dyno/isolation/seccomp.ts'
import {giveTree} from '../../src/lib/copy-tree.ts'
import type {CommandLine, DynoSpec} from '../../src/model/dyno.ts'
import {sandboxUser} from '../../src/model/dyno-user.ts'

export const isRoot = process.geteuid?.() === 0
export const nobody = 65_534

/** One way to isolate a dyno: the tier, who runs Homeport, and how the tier is made. */
export type Way = {
  readonly name: string
  readonly tier: Tier
  readonly as: 'root' | 'user'
  readonly launcher: LauncherKind
  readonly hasUserNamespace?: boolean
  readonly disk?: 'overlay' | 'copy'
}

const way = (tier: Tier, as: 'root' | 'user', kind: LauncherKind, more: Partial<Way> = {}): Way => {
  const words = [tier, `as ${as}`, `by ${kind}`, more.disk, more.hasUserNamespace === false ? 'without user namespace' : undefined]
  return {name: words.filter(word => word !== undefined).join(' '), tier, as, launcher: kind, ...more}
}

/** The ways that whoever runs the tests can go: root can also act as a user. */
const possible = (ways: readonly Way[]): readonly Way[] => ways.filter(({as}) => as === 'user' || isRoot)

export const sandboxWays = possible([
  way('sandbox', 'root', 'perl', {disk: 'overlay'}),
  way('sandbox', 'root', 'perl', {disk: 'overlay', hasUserNamespace: false}),
  way('sandbox', 'root', 'tools', {disk: 'overlay'}),
  way('sandbox', 'root', 'tools', {disk: 'copy', hasUserNamespace: false}),
  way('sandbox', 'user', 'perl', {disk: 'overlay'}),
  way('sandbox', 'user', 'perl', {disk: 'copy'}),
  way('sandbox', 'user', 'tools', {disk: 'overlay'}),
])
export const ownUidWays = possible([way('own-uid', 'root', 'perl'), way('own-uid', 'root', 'tools')])
export const processWays = possible([way('process', 'user', 'perl')])
export const allWays = [...sandboxWays, ...ownUidWays, ...processWays]
/** The usual way of each tier and user, for what does not depend on how a tier is made. */
export const usualWays = allWays.filter(({launcher: kind, disk}) => kind === 'perl' && disk !== 'copy')
export const usualSandboxWays = usualWays.filter(({tier}) => tier === 'sandbox')

/** A dyno's room with all that is needed to start it. */
export type TestDyno = {
  readonly spec: DynoSpec
  readonly isolation: Isolation
  readonly made: OpenRoom
  readonly roomsFolder: string
  start(commandLine?: CommandLine, stdin?: 'ignore' | 'pipe'): ChildProcess
}

/**
 * Makes a room below `folder` as `way` says. The slug, when there is one, is `folder/slug`. As user it is nobody who runs
 * Homeport, while the test makes files as root and gives them away.
 */
export async function openDyno(
  folder: string,
  way: Way,
  wishes: Partial<DynoSpec> = {},
  place: Partial<Place> = {},
  tools: Partial<Record<'perl' | 'bwrap', undefined>> = {},
): Promise<TestDyno> {
  const {isolation, roomsFolder, owner, giveRooms, run} = await openGround(folder, way, tools)
  const {slugFolder} = wishes
  if (slugFolder !== undefined && isRoot) await giveTree(slugFolder, owner)
  const spec: DynoSpec = {
    name: 'web.1',
    type: 'web',
    command: 'true',
    env: {PATH: '/usr/local/bin:/usr/bin:/bin', DYNO: 'web.1'},
    cwd: folder,
    ...wishes,
  }
  const made = await isolation.prepare(spec, {roomsFolder, ...place})
  await giveRooms(made.room)
  const start: TestDyno['start'] = (commandLine = isolation.wrap(spec, made.room), stdin = 'ignore') => run(commandLine, stdin)
  return {spec, isolation, made, roomsFolder, start}
}

/** A build's room with all that is needed to start its programs. */
export type TestBuild = {readonly made: OpenRoom; start(command: BuildCommand): ChildProcess}

/** The same for a build; the writable views belong to whoever runs Homeport. */
export async function openBuild(folder: string, way: Way, build: BuildSpec): Promise<TestBuild> {
  const {isolation, roomsFolder, owner, giveRooms, run} = await openGround(folder, way)
  if (way.as === 'user' && isRoot) for (const {source, isWritable} of build.views) if (isWritable) await giveTree(source, owner)
  const made = await isolation.prepareBuild(build, {roomsFolder})
  await giveRooms(made.room)
  return {made, start: command => run(isolation.wrapBuild(build, made.room, command), 'ignore')}
}

async function openGround(folder: string, {tier, as, ...options}: Way, tools: Partial<Record<'perl' | 'bwrap', undefined>> = {}) {
  const actsAsUser = as === 'user' && isRoot
  const here = readMachine({searchPath: process.env['PATH'] ?? ''})
  const found = {...here, tools: {...here.tools, ...tools} as Machine['tools']}
  const machine: Machine = actsAsUser ? {...found, uid: nobody, gid: nobody} : found
  const state = join(folder, 'state')
  if (actsAsUser && existsSync(state)) await giveTree(state, {uid: 0, gid: 0})
  const roomsFolder = join(state, 'rooms')
  mkdirSync(roomsFolder, {recursive: true, mode: 0o700})
  chmodSync(state, 0o700)
  const user = actsAsUser ? {uid: nobody, gid: nobody} : {}
  return {
    isolation: isolationOf(folder, tier, machine, options),
    roomsFolder,
    owner: actsAsUser ? {uid: nobody, gid: nobody} : sandboxUser,
    async giveRooms({reachableFolder}: Room) {
      if (!actsAsUser) return
      if (reachableFolder !== undefined) await giveTree(reachableFolder, {uid: nobody, gid: nobody})
      chownSync(folder, nobody, nobody)
      await giveTree(state, {uid: nobody, gid: nobody})
    },
    run({file, args, env, cwd}: CommandLine, stdin: 'ignore' | 'pipe'): ChildProcess {
      return spawn(file, args, {env, cwd, stdio: [stdin, 'pipe', 'pipe'], detached: true, ...user})
    },
  }
}

function isolationOf(folder: string, tier: Tier, machine: Machine, options: Omit<Way, 'name' | 'tier' | 'as'>): Isolation {
  const {launcher: kind, hasUserNamespace = true, disk = 'overlay'} = options
  const launch = launcher(machine, kind)
  if (tier === 'process') return processIsolation(machine, launch)
  if (tier === 'own-uid') return ownUidIsolation(machine, launch)
  const architecture = seccompArchitecture(machine.arch)
  if (architecture === undefined) throw new Error(`no system calls of ${machine.arch}`)
  const files = writeSandboxFiles(join(folder, 'state'), architecture)
  return sandboxIsolation({machine, launch, variant: {launcher: kind, hasUserNamespace, disk}, files})
}

export type Outcome = {
  readonly code: number | null
  readonly signal: NodeJS.Signals | null
  readonly stdout: string
  readonly stderr: string
}

/** Waits for the end of a process and of its output. */
export function outcomeOf(child: ChildProcess): Promise<Outcome> {
  let stdout = ''
  let stderr = ''
  child.stdout?.on('data', (data: Buffer) => (stdout += data.toString()))
  child.stderr?.on('data', (data: Buffer) => (stderr += data.toString()))
  return new Promise((resolve, reject) => {
    child.once('error', reject)
    child.once('close', (code, signal) => resolve({code, signal, stdout, stderr}))
  })
}

/** Runs a dyno to its end and removes its room. */
export async function runDyno(folder: string, wayTo: Way, wishes: Partial<DynoSpec> = {}, place: Partial<Place> = {}): Promise<Outcome> {
  const dyno = await openDyno(folder, wayTo, wishes, place)
  await using _ = dyno.made
  return await outcomeOf(dyno.start())
}

/** Waits until a process has written a line that holds `text`. */
export function untilSaid(child: ChildProcess, text: string): Promise<string> {
  let said = ''
  return new Promise((resolve, reject) => {
    child.stdout?.on('data', (data: Buffer) => {
      said += data.toString()
      if (said.includes(text)) resolve(said)
    })
    child.once('close', () => reject(new Error(`It ended without saying “${text}”: ${said}`)))
  })
}

/** Processes of this machine whose environment held `mark` when they started. */
export function processesWith(mark: string): readonly number[] {
  return allProcesses().flatMap(({pid}) => (readProc(pid, 'environ').includes(mark) ? [pid] : []))
}

export function allProcesses(): readonly {readonly pid: number; readonly ppid: number}[] {
  const pids = readdirSync('/proc').filter(name => /^\d+$/.test(name))
  return pids.flatMap(pid => {
    const stat = readProc(Number(pid), 'stat')
    return stat === '' ? [] : [{pid: Number(pid), ppid: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])}]
  })
}

/** The processes inside a dyno, oldest first: descendants of the spawned one that are no helpers. */
export function insideOf(spawnedPid: number, helperGenerations: number): readonly number[] {
  const processes = allProcesses()
  let generation: readonly number[] = [spawnedPid]
  const inside: number[] = []
  for (let age = 0; generation.length > 0; age++) {
    if (age >= helperGenerations) inside.push(...generation)
    const parents = new Set(generation)
    generation = processes.filter(({ppid}) => parents.has(ppid)).map(({pid}) => pid)
  }
  return inside
}

function readProc(pid: number, file: string): string {
  try {
    return readFileSync(`/proc/${pid}/${file}`, 'latin1')
  } catch {
    return ''
  }
}
