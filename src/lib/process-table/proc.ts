import {closeSync, openSync, readdirSync, readlinkSync, readSync, statSync} from 'node:fs'
import type {Listener, ProcessInfo, ProcessTable} from './process-info.ts'

/** Whether this machine has a /proc as Linux has it. */
export function readsProc(): boolean {
  return readOnce('/proc/self/stat') !== undefined
}

/** The process table read from /proc: the only file that knows it. Every look is synchronous; the promises are for its sibling, `ps`. */
export function procTable(): ProcessTable {
  const pageBytes = measurePage()
  return {
    list: async () => listProcesses(pageBytes),
    startTime: async pid => {
      const process = readProcess(pid, pageBytes)
      return process === undefined || process.isZombie ? undefined : process.startTime
    },
    isSameStart: (one, other) => one === other,
    variable: async (name, processes) => {
      const environments = collect(processes, readEnvironment)
      return new Map([...environments].map(([pid, environment]) => [pid, findVariable(environment, name)]))
    },
    residentLimits: async processes => collect(processes, readResidentLimit),
    listeners: async pids => (pids === undefined ? allListeners() : listenersAmong(pids)),
    realm: `${readOnce('/proc/sys/kernel/random/boot_id')?.trim()} ${readLink('/proc/self/ns/pid')}`,
  }
}

/**
 * Not a picture of one moment: while it is read, a process may start another and end, so that neither is seen. Whoever
 * appeared meanwhile is therefore read too, some rounds long.
 */
function listProcesses(pageBytes: number): readonly ProcessInfo[] {
  const found = new Map<number, ProcessInfo | undefined>()
  for (let round = 0; round < 4; round++) {
    const newcomers = readPids().filter(pid => !found.has(pid))
    for (const pid of newcomers) found.set(pid, readProcess(pid, pageBytes))
    if (newcomers.length === 0) break
  }
  return [...found.values()].filter(process => process !== undefined)
}

function readPids(): readonly number[] {
  return readdirSync('/proc').map(Number).filter(Number.isInteger)
}

function readProcess(pid: number, pageBytes: number): ProcessInfo | undefined {
  const text = readOnce(`/proc/${pid}/stat`)
  if (text === undefined) return undefined
  // The name stands in brackets and may hold blanks and brackets itself.
  const nameEnd = text.lastIndexOf(')')
  const [state, ppid, pgid, sid, ...more] = text.slice(nameEnd + 2).split(' ')
  const threads = Number(more[13])
  return {
    pid,
    ppid: Number(ppid),
    pgid: Number(pgid),
    sid: Number(sid),
    startTime: more[15] ?? '',
    uid: readOwner(pid),
    name: text.slice(text.indexOf('(') + 1, nameEnd),
    // A process whose first thread has ended shows as a zombie while its other threads run on.
    isZombie: (state === 'Z' && threads <= 1) || state === 'X',
    // Its size is never 0 for a program; what is resident may be, just after an exec.
    isKernel: state !== 'Z' && more[16] === '0',
    isStopped: state === 'T' || state === 't',
    residentBytes: Number(more[17]) * pageBytes,
  }
}

function readOwner(pid: number): number {
  try {
    return statSync(`/proc/${pid}`).uid
  } catch {
    return -1
  }
}

/** Node tells its own memory in bytes, /proc in pages: of 4096 bytes on most machines, of 16 or 64 KiB on some arm64. */
function measurePage(): number {
  const pages = Number(readOnce('/proc/self/stat')?.split(') ').at(-1)?.split(' ')[21])
  return 2 ** Math.round(Math.log2(process.memoryUsage.rss() / pages)) || 4096
}

function collect<Value>(processes: readonly ProcessInfo[], readOne: (pid: number) => Value | undefined): ReadonlyMap<number, Value> {
  const found = new Map<number, Value>()
  for (const {pid} of processes) {
    const value = readOne(pid)
    if (value !== undefined) found.set(pid, value)
  }
  return found
}

/** Empty while an exec replaces it, for kernel threads and for zombies: then nothing is known. */
function readEnvironment(pid: number): string | undefined {
  return readWhole(`/proc/${pid}/environ`) || undefined
}

function findVariable(environment: string, name: string): string | undefined {
  const start = `\0${environment}`.indexOf(`\0${name}=`)
  if (start < 0) return undefined
  const end = environment.indexOf('\0', start)
  return environment.slice(start + name.length + 1, end < 0 ? undefined : end)
}

function readResidentLimit(pid: number): number | undefined {
  const bytes = /^Max resident set +(\d+)/m.exec(readOnce(`/proc/${pid}/limits`) ?? '')?.[1]
  return bytes === undefined ? undefined : Number(BigInt(bytes) / 1024n)
}

function allListeners(): readonly Listener[] {
  const ports = readListening('/proc/net')
  const owned = readPids().flatMap(pid => listenersOf(pid, ports))
  const known = new Set(owned.map(({port}) => port))
  return [...owned, ...[...new Set(ports.values())].filter(port => !known.has(port)).map(port => ({port}))]
}

/** Each process may live in a network of its own, with its own list of sockets. */
function listenersAmong(pids: readonly number[]): readonly Listener[] {
  const networks = new Map<string | undefined, ReadonlyMap<string, number>>()
  return pids.flatMap(pid => {
    const network = readLink(`/proc/${pid}/ns/net`)
    const ports = networks.get(network) ?? readListening(`/proc/${pid}/net`)
    networks.set(network, ports)
    return listenersOf(pid, ports)
  })
}

/** Listening TCP sockets, as a descriptor links to them, with their port. */
function readListening(folder: string): ReadonlyMap<string, number> {
  const ports = new Map<string, number>()
  for (const list of ['tcp', 'tcp6']) {
    for (const line of (readWhole(`${folder}/${list}`) ?? '').split('\n').slice(1)) {
      const [, local = '', , state, , , , , , inode = ''] = line.trim().split(/\s+/)
      if (state === '0A') ports.set(`socket:[${inode}]`, Number.parseInt(local.slice(local.lastIndexOf(':') + 1), 16))
    }
  }
  return ports
}

/** A socket's list does not name its process; the process is known by the socket among its descriptors. */
function listenersOf(pid: number, ports: ReadonlyMap<string, number>): readonly Listener[] {
  const own = new Set(readDescriptors(pid).flatMap(target => ports.get(target) ?? []))
  const program = programOf(pid)
  return [...own].map(port => ({port, pid, ...(program === undefined ? {} : {program})}))
}

/** The name of the main thread, which is the program's, but for Node: it calls its own `MainThread`. */
function programOf(pid: number): string | undefined {
  const name = readOnce(`/proc/${pid}/comm`)?.trim()
  if (name !== 'MainThread') return name
  const [program = ''] = (readOnce(`/proc/${pid}/cmdline`) ?? '').split('\0')
  return program.slice(program.lastIndexOf('/') + 1) || name
}

function readDescriptors(pid: number): readonly string[] {
  try {
    return readdirSync(`/proc/${pid}/fd`).flatMap(descriptor => readLink(`/proc/${pid}/fd/${descriptor}`) ?? [])
  } catch {
    return []
  }
}

function readLink(path: string): string | undefined {
  try {
    return readlinkSync(path)
  } catch {
    return undefined
  }
}

/** These files have no size; one read gives the whole of a short one, a long one ends with an empty read. */
const scratch = Buffer.allocUnsafe(64 * 1024)

/** A file of less than a page; undefined when it is gone or not for us. */
function readOnce(path: string): string | undefined {
  return readFile(path, file => scratch.toString('latin1', 0, readSync(file, scratch)))
}

function readWhole(path: string): string | undefined {
  return readFile(path, file => {
    let text = ''
    for (let length = readSync(file, scratch); length > 0; length = readSync(file, scratch)) text += scratch.toString('latin1', 0, length)
    return text
  })
}

function readFile(path: string, read: (file: number) => string): string | undefined {
  let file: number | undefined
  try {
    file = openSync(path, 'r')
    return read(file)
  } catch {
    return undefined
  } finally {
    if (file !== undefined) closeSync(file)
  }
}
