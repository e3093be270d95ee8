import {spawn} from 'node:child_process'
import {mkdirSync, readdirSync, readFileSync, rmdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as sleep} from 'node:timers/promises'
import type {DynoSize} from '../../model/dyno-size.ts'
import {type MemoryReading, vastly} from '../../model/memory-quota.ts'
import {placeIn, readMounts, readOwnCgroups, version2Places} from './cgroup-place.ts'

type Controller = 'memory' | 'pids' | 'cpu'

/**
 * Where this Homeport process keeps the cgroups of its dynos: a cgroup of its own for each controller (version 1) or one for
 * all (version 2). `owner` names the process, so that a later one can tell what a crash left.
 */
export type CgroupHost = {readonly version: 1 | 2; readonly folders: Readonly<Partial<Record<Controller, string>>>}

export type CgroupLimits = Pick<DynoSize, 'memoryBytes' | 'processes' | 'cpuShare'>

/** One dyno's cgroups: one folder for each hierarchy, and whether processes are counted there. */
export type Cgroup = {readonly folders: readonly string[]; readonly countsProcesses: boolean}

const prefix = 'homeport-'
const controllers: readonly Controller[] = ['memory', 'pids', 'cpu']

/**
 * Finds a place for cgroups by trying: makes one there and lets a process join. Undefined where nothing is writable for us.
 * `owner` is part of a file name: letters, digits, `-`, `.`.
 */
export async function openCgroups(owner: string): Promise<CgroupHost | undefined> {
  const mounts = readMounts()
  const own = readOwnCgroups()
  const folders: Partial<Record<Controller, string>> = {}
  for (const controller of controllers) {
    const place = placeIn(mounts, own, controller)
    const folder = place === undefined ? undefined : await tryFolder(join(place, `${prefix}${owner}`))
    if (folder !== undefined) folders[controller] = folder
  }
  if (folders.memory !== undefined || folders.pids !== undefined) return {version: 1, folders}
  if (folders.cpu !== undefined) tryRemove(folders.cpu)
  for (const place of version2Places(mounts, own)) {
    const folder = await tryFolder(join(place, `${prefix}${owner}`))
    if (folder === undefined) continue
    const handsDown = (names: string) => tryWrite(join(folder, 'cgroup.subtree_control'), names)
    if (handsDown('+memory +pids'))
      return {version: 2, folders: {memory: folder, pids: folder, ...(handsDown('+cpu') ? {cpu: folder} : {})}}
    tryRemove(folder)
  }
  return undefined
}

/**
 * Makes a dyno's cgroups with its limits. The kernel kills at twice the quota, which is R15 (platform.md c.5); R14 is only told.
 * The CPU is shared out by size (c.6) when several want it; alone, a dyno has all of it.
 */
export function makeCgroup(host: CgroupHost, name: string, limits: CgroupLimits): Cgroup {
  const folders = [...new Set(Object.values(host.folders))].map(parent => join(parent, name))
  for (const folder of folders) mkdirSync(folder)
  const memory = host.folders.memory === undefined ? undefined : join(host.folders.memory, name)
  const most = String(vastly * limits.memoryBytes)
  if (memory !== undefined && host.version === 1) {
    writeFileSync(join(memory, 'memory.limit_in_bytes'), most)
    tryWrite(join(memory, 'memory.memsw.limit_in_bytes'), most)
  } else if (memory !== undefined) {
    writeFileSync(join(memory, 'memory.max'), most)
    tryWrite(join(memory, 'memory.swap.max'), '0')
    tryWrite(join(memory, 'memory.oom.group'), '1')
  }
  if (host.folders.cpu !== undefined) {
    const [file, unit] = host.version === 1 ? (['cpu.shares', 1024] as const) : (['cpu.weight', 100] as const)
    tryWrite(join(host.folders.cpu, name, file), String(unit * limits.cpuShare))
  }
  const pids = host.folders.pids === undefined ? undefined : join(host.folders.pids, name)
  const countsProcesses = pids !== undefined && tryWrite(join(pids, 'pids.max'), String(limits.processes))
  return {folders, countsProcesses}
}

/**
 * What the dyno of these cgroups uses now; undefined when none of them counts memory. Cache that nobody has used for a while is
 * no use. The kernel brings the statistics up to date every two seconds, the sum at once.
 */
export function readCgroupMemory(folders: readonly string[]): MemoryReading | undefined {
  for (const folder of folders) {
    for (const {total, held, inactive} of memoryFiles) {
      const current = read(join(folder, total))
      if (current === undefined) continue
      const stat = readNumbers(join(folder, 'memory.stat'))
      const swap = Number(read(join(folder, 'memory.swap.current')) ?? stat.get('total_swap') ?? 0)
      const heldBytes = held.reduce((sum, name) => sum + (stat.get(name) ?? 0), swap)
      return {usedBytes: Math.max(heldBytes, Number(current) + swap - (stat.get(inactive) ?? 0)), heldBytes}
    }
  }
  return undefined
}

/** Version 2 and version 1: the file with the sum, and the lines of memory.stat that count. */
const memoryFiles = [
  {total: 'memory.current', held: ['anon', 'shmem'], inactive: 'inactive_file'},
  {total: 'memory.usage_in_bytes', held: ['total_rss', 'total_shmem'], inactive: 'total_inactive_file'},
] as const

/** How often the kernel killed a process of these cgroups for their memory. */
export function readOutOfMemoryKills(folders: readonly string[]): number {
  const counts = folders.flatMap(folder =>
    ['memory.oom_control', 'memory.events'].map(file => readNumbers(join(folder, file)).get('oom_kill') ?? 0),
  )
  return Math.max(0, ...counts)
}

/** The processes in these cgroups, those of a sandbox and what they daemonised too. */
export function processesIn(folders: readonly string[]): readonly number[] {
  const pids = folders.flatMap(folder =>
    (read(join(folder, 'cgroup.procs')) ?? '')
      .split('\n')
      .filter(line => line !== '')
      .map(Number),
  )
  return [...new Set(pids)]
}

/** Ends what still runs in these cgroups and removes them. False when a process would not go within two seconds. */
export async function removeCgroup(folders: readonly string[]): Promise<boolean> {
  for (let attempt = 0; attempt < 100; attempt++) {
    for (const pid of processesIn(folders)) kill(pid)
    if (folders.map(tryRemove).every(isGone => isGone)) return true
    await sleep(Math.min(20, attempt))
  }
  return false
}

/** Removes the cgroups of this Homeport process, when its dynos are gone. */
export async function closeCgroups(host: CgroupHost): Promise<void> {
  const parents = [...new Set(Object.values(host.folders))]
  await removeCgroup(parents.flatMap(parent => [...childrenOf(parent), parent]))
}

/** Ends and removes the cgroups of a Homeport process that is gone, as `openCgroups(owner)` made them for it. */
export async function sweepCgroups(owner: string): Promise<void> {
  const mounts = readMounts()
  const own = readOwnCgroups()
  const places = [...controllers.flatMap(controller => placeIn(mounts, own, controller) ?? []), ...version2Places(mounts, own)]
  for (const place of places) {
    const folder = join(place, `${prefix}${owner}`)
    await removeCgroup([...childrenOf(folder), folder])
  }
}

async function tryFolder(folder: string): Promise<string | undefined> {
  const trial = join(folder, 'trial')
  if (!tryMake(folder) || !tryMake(trial)) return undefined
  const joined = await letJoin(trial)
  tryRemove(trial)
  if (joined) return folder
  tryRemove(folder)
  return undefined
}

/** Whether there is such a folder now. Not mkdir's `recursive`, which Node 24 loops for ever with below /proc. */
function tryMake(folder: string): boolean {
  try {
    mkdirSync(folder)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EEXIST'
  }
}

function letJoin(folder: string): Promise<boolean> {
  return new Promise(resolve => {
    const child = spawn('/bin/sh', ['-c', 'echo $$ >"$0/cgroup.procs"', folder], {stdio: 'ignore'})
    child.once('error', () => resolve(false))
    child.once('close', code => resolve(code === 0))
  })
}

function childrenOf(folder: string): readonly string[] {
  try {
    const entries = readdirSync(folder, {withFileTypes: true})
    return entries.filter(entry => entry.isDirectory()).map(entry => join(folder, entry.name))
  } catch {
    return []
  }
}

function readNumbers(file: string): ReadonlyMap<string, number> {
  const lines = (read(file) ?? '').split('\n').map(line => line.split(' '))
  return new Map(lines.map(([name = '', value]) => [name, Number(value)]))
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}

function tryWrite(file: string, text: string): boolean {
  try {
    writeFileSync(file, text)
    return true
  } catch {
    return false
  }
}

/** Whether the cgroup is gone; one that still holds processes stays. */
function tryRemove(folder: string): boolean {
  try {
    rmdirSync(folder)
    return true
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'ENOENT'
  }
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself meanwhile.
  }
}
