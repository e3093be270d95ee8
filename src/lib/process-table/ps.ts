import {execFile} from 'node:child_process'
import type {Listener, ProcessInfo, ProcessTable} from './process-info.ts'

/**
 * The process table read by running `ps`: what macOS has, and Linux too, so that tests there run it. It does not know the
 * session of a process, and tells its start to the second only.
 */
export function psTable(): ProcessTable {
  return {
    list: listProcesses,
    startTime: batch(async pids => {
      const living = parseProcesses(await run('ps', ['-p', pids.join(','), ...columnOptions])).filter(({isZombie}) => !isZombie)
      return new Map(living.map(({pid, startTime}) => [pid, startTime]))
    }),
    // Linux's `ps` computes the start from two clocks and is now and then a second off.
    isSameStart: (one, other) => Math.abs(Number(one) - Number(other)) <= 1,
    variable: readVariables,
    residentLimits: async () => new Map(),
    listeners: readListeners,
    // Start times are times of day here, the same on every boot.
    realm: 'any all',
  }
}

/** Rejects when `ps` cannot be run or tells nothing: an empty list would mean that nobody is left. */
async function listProcesses(): Promise<readonly ProcessInfo[]> {
  const processes = parseProcesses(await run('ps', ['-A', ...columnOptions]))
  if (!processes.some(({pid}) => pid === process.pid)) throw new Error('`ps` does not list the process that asks.')
  return processes
}

const columns = ['pid', 'ppid', 'pgid', 'uid', 'rss', 'vsz', 'stat', 'lstart', 'comm'] as const

const columnOptions = columns.flatMap(column => ['-o', `${column}=`])

/** Whoever asks while an answer is on its way shares the next one: a hundred dynos may begin at once. */
function batch<Answer>(
  ask: (pids: readonly number[]) => Promise<ReadonlyMap<number, Answer>>,
): (pid: number) => Promise<Answer | undefined> {
  let current: Promise<unknown> = Promise.resolve()
  let next: {readonly pids: Set<number>; readonly answers: Promise<ReadonlyMap<number, Answer>>} | undefined
  const begin = () => {
    const pids = new Set<number>()
    const answers = current.then(() => {
      next = undefined
      return ask([...pids])
    })
    current = answers
    return {pids, answers}
  }
  return async pid => {
    next ??= begin()
    next.pids.add(pid)
    return (await next.answers).get(pid)
  }
}

const processLine = /^\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\d+)\s+(\S+)\s+(\w+ \w+ +\d+ [\d:]+ \d+)\s+(.*)$/

/** The lines of `ps` with `columns`; what is no such line is left out, and so is `ps` itself. */
export function parseProcesses(text: string): readonly ProcessInfo[] {
  return text.split('\n').flatMap(line => {
    const [, pid, ppid, pgid, uid, kibibytes, size, state = '', start = '', name = ''] = processLine.exec(line) ?? []
    if (pid === undefined) return []
    return {
      pid: Number(pid),
      ppid: Number(ppid),
      pgid: Number(pgid),
      sid: 0,
      startTime: String(Date.parse(`${start} UTC`) / 1000),
      uid: Number(uid),
      name: name.slice(name.lastIndexOf('/') + 1),
      isZombie: state.startsWith('Z'),
      isKernel: !state.startsWith('Z') && size === '0',
      isStopped: state.startsWith('T') || state.startsWith('t'),
      residentBytes: Number(kibibytes) * 1024,
    }
  })
}

/** `ps` shows the environment behind the arguments. What the arguments say does not count: only what is left of the line without them. */
async function readVariables(name: string, processes: readonly ProcessInfo[]): Promise<ReadonlyMap<number, string | undefined>> {
  if (processes.length === 0) return new Map()
  const withEnvironment = process.platform === 'darwin' ? ['-Eww'] : ['eww']
  const of = processes.length > 200 ? ['-A'] : ['-p', processes.map(({pid}) => pid).join(',')]
  const wanted = new Set(processes.map(({pid}) => pid))
  const [both, plain] = await Promise.all(
    [withEnvironment, ['-ww']].map(async how => parseCommands(await run('ps', [...how, ...of, '-o', 'pid=', '-o', 'args=']))),
  )
  const found = new Map<number, string | undefined>()
  for (const [pid, line] of both ?? []) {
    const command = plain?.get(pid)
    // The two looks do not agree: it called exec between them.
    if (!wanted.has(pid) || command === undefined || !line.startsWith(command)) continue
    const value = line
      .slice(command.length)
      .split(' ')
      .find(word => word.startsWith(`${name}=`))
    found.set(pid, value?.slice(name.length + 1))
  }
  return found
}

function parseCommands(text: string): ReadonlyMap<number, string> {
  const commands = new Map<number, string>()
  for (const line of text.split('\n')) {
    const [, pid, command = ''] = /^\s*(\d+) (.*)$/.exec(line) ?? []
    if (pid !== undefined) commands.set(Number(pid), command.trimEnd())
  }
  return commands
}

async function readListeners(pids?: readonly number[]): Promise<readonly Listener[]> {
  if (pids?.length === 0) return []
  const of = pids === undefined ? [] : ['-a', '-p', pids.join(',')]
  const text = await run('lsof', ['-nP', ...of, '-iTCP', '-sTCP:LISTEN', '-Fpcn']).catch(() => '')
  return parseListeners(text)
}

/** `lsof -F`: a line `p` and `c` for each process, then a line `n` for each of its sockets. */
export function parseListeners(text: string): readonly Listener[] {
  const found: Listener[] = []
  let pid = 0
  let program = ''
  for (const line of text.split('\n')) {
    const value = line.slice(1)
    if (line.startsWith('p')) pid = Number(value)
    else if (line.startsWith('c')) program = value
    else if (line.startsWith('n')) {
      const port = Number(value.slice(value.lastIndexOf(':') + 1))
      if (!found.some(other => other.port === port && other.pid === pid)) found.push({port, pid, program})
    }
  }
  return found
}

/** What a tool prints, whatever its exit code; rejects when it cannot be run. In English, and in the time of Greenwich. */
async function run(file: string, args: readonly string[]): Promise<string> {
  return new Promise((resolve, reject) => {
    const options = {env: {PATH: '/usr/sbin:/usr/bin:/sbin:/bin', LC_ALL: 'C', TZ: 'UTC'}, maxBuffer: 64 * 1024 * 1024}
    execFile(file, args, options, (error, stdout) => {
      if (error === null || typeof error.code === 'number') resolve(stdout)
      else reject(error)
    })
  })
}
