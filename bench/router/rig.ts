import {type ChildProcess, spawn, spawnSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {connect, createServer} from 'node:net'
import {setTimeout as sleep} from 'node:timers/promises'

/** A program of the benchmark, on one core. */
export type Program = AsyncDisposable & {readonly pid: number; readonly port: number}

const hasTaskset = spawnSync('taskset', ['-V']).status === 0

/** Starts a program on a core of its own (Linux) and waits until it listens. */
export async function startProgram(file: string, args: readonly string[], {core, port}: {core: 0 | 1; port: number}): Promise<Program> {
  const command = hasTaskset ? ['taskset', '-c', String(core), file, ...args] : [file, ...args]
  const child = spawn(command[0] ?? file, command.slice(1), {stdio: 'ignore', detached: true})
  await untilListens(port, child)
  return {pid: child.pid ?? 0, port, [Symbol.asyncDispose]: () => stop(child)}
}

async function untilListens(port: number, child: ChildProcess): Promise<void> {
  for (let i = 0; i < 200; i++) {
    if (child.exitCode !== null) throw new Error(`${child.spawnfile} ended with ${child.exitCode}`)
    if (await listens(port)) return
    await sleep(50)
  }
  throw new Error(`Nothing listens on ${port}.`)
}

function listens(port: number): Promise<boolean> {
  return new Promise(resolve => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => resolve(true)).on('error', () => resolve(false))
    socket.on('connect', () => socket.destroy())
  })
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return
  const ended = new Promise(resolve => child.on('close', resolve))
  // nginx and haproxy have workers: the whole group, which is ours alone.
  process.kill(-child.pid, 'SIGKILL')
  await ended
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise(resolve => server.close(resolve))
  return typeof address === 'object' && address !== null ? address.port : 0
}

/** CPU seconds and resident memory of a process and its children (Linux; zeros elsewhere). */
export function usage(pid: number): {cpuSeconds: number; rssBytes: number} {
  const total = {cpuSeconds: 0, rssBytes: 0}
  for (const one of withChildren(pid)) {
    const fields = readProc(`/proc/${one}/stat`)
      .replace(/^.*\) /s, '')
      .split(' ')
    total.cpuSeconds += (Number(fields[11] ?? 0) + Number(fields[12] ?? 0)) / 100
    total.rssBytes += Number(/^Rss:\s+(\d+) kB/m.exec(readProc(`/proc/${one}/smaps_rollup`))?.[1] ?? 0) * 1024
  }
  return total
}

function withChildren(pid: number): readonly number[] {
  const children = readProc(`/proc/${pid}/task/${pid}/children`)
    .trim()
    .split(' ')
    .filter(text => text !== '')
    .map(Number)
  return [pid, ...children.flatMap(withChildren)]
}

function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
}
