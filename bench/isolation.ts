import {type ChildProcess, spawn} from 'node:child_process'
import {chownSync, existsSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {connect, createServer} from 'node:net'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {chooseIsolation} from '../src/engines/dyno/isolation/catalog.ts'
import {isHelperProcess} from '../src/engines/dyno/isolation/helper-processes.ts'
import type {Isolation, OpenRoom, Tier} from '../src/engines/dyno/isolation/isolation.ts'
import {readMachine} from '../src/engines/dyno/isolation/machine.ts'
import {removeTree} from '../src/lib/remove-tree.ts'
import type {CommandLine, DynoSpec} from '../src/model/dyno.ts'
import {dynoSize} from '../src/model/dyno-size.ts'
import {sandboxUser} from '../src/model/dyno-user.ts'
import {median} from './table.ts'

/**
 * What isolation costs: the time from the decision to start a dyno to its first byte, over a plain spawn of the same
 * command in the same run; and a hundred servers of one slug. `node bench/isolation.ts [RUNS] [DYNOS]`
 */
const [, , runs = '60', dynos = '100'] = process.argv
const folder = mkdtempSync(join(tmpdir(), 'homeport-bench-'))
const ground = {
  machine: readMachine({searchPath: process.env['PATH'] ?? ''}),
  cacheDir: join(folder, 'cache'),
  roomsFolder: join(folder, 'rooms'),
}
const place = {roomsFolder: ground.roomsFolder}
const slugFolder = join(folder, 'slug')
const server = `require('node:http').createServer((q, s) => s.end('hello')).listen(process.env.PORT, '127.0.0.1')`
const env = {PATH: '/usr/local/bin:/usr/bin:/bin'}
/** The slug brings its own Node, as slugs do; a link would lead out of the sandbox. */
const command = 'exec ./node server.js'

type Started = {readonly child: ChildProcess; readonly made?: OpenRoom; readonly helperGenerations: number}

try {
  mkdirSync(slugFolder)
  writeFileSync(join(slugFolder, 'server.js'), server)
  writeFileSync(join(slugFolder, 'node'), readFileSync(process.execPath), {mode: 0o755})
  if (process.geteuid?.() === 0)
    for (const name of ['', 'server.js', 'node']) chownSync(join(slugFolder, name), sandboxUser.uid, sandboxUser.gid)
  await benchStart()
  await benchMany()
} finally {
  await removeTree(folder)
}

async function benchStart(): Promise<void> {
  const small = join(folder, 'small')
  mkdirSync(small)
  if (process.geteuid?.() === 0) chownSync(small, sandboxUser.uid, sandboxUser.gid)
  const spec: DynoSpec = {name: 'web.1', type: 'web', command: 'echo x; exec sleep 5', env, cwd: small, slugFolder: small}
  const times = new Map<string, number[]>()
  const isolations = await Promise.all(possibleTiers().map(tier => chooseIsolation(tier, 'slug', ground)))
  for (let run = 0; run < Number(runs); run++) {
    await time('plain', async () => ({child: start(plainLogin(spec)), helperGenerations: 0}))
    for (const isolation of isolations) await time(isolation.tier, () => startIsolated(isolation, spec))
  }
  const plain = median(times.get('plain') ?? [])
  for (const [name, list] of times)
    print(`${name}: first byte`, `${median(list).toFixed(2)} ms`, name === 'plain' ? '' : `+${(median(list) - plain).toFixed(2)} ms`)

  async function time(name: string, begin: () => Promise<Started>): Promise<void> {
    const begun = performance.now()
    const {child, made} = await begin()
    await new Promise(resolve => child.stdout?.once('data', resolve))
    times.set(name, [...(times.get(name) ?? []), performance.now() - begun])
    const gone = new Promise(resolve => child.once('close', resolve))
    child.kill('SIGKILL')
    await gone
    await made?.[Symbol.asyncDispose]()
  }
}

async function benchMany(): Promise<void> {
  const sandbox = await chooseIsolation('auto', 'slug', ground)
  const size = dynoSize('standard-1x')
  const spec = (port: number): DynoSpec => ({
    name: `web.${port}`,
    type: 'web',
    command,
    env: {...env, PORT: String(port)},
    cwd: slugFolder,
    slugFolder,
    size,
  })
  const ways: readonly (readonly [string, (port: number) => Promise<Started>])[] = [
    ['plain', async port => ({child: start(plainLogin(spec(port))), helperGenerations: 0})],
    [sandbox.tier, port => startIsolated(sandbox, spec(port))],
  ]
  const upTimes = new Map<string, number[]>()
  for (const [name, begin] of [...ways, ...ways]) {
    const ports = await freePorts(Number(dynos))
    const begun = performance.now()
    const started = await Promise.all(ports.map(begin))
    await Promise.all(ports.map(untilListening))
    const up = performance.now() - begun
    upTimes.set(name, [...(upTimes.get(name) ?? []), up])
    const written = name === 'plain' ? 0 : started.reduce((sum, {made}) => sum + bytesIn(join(made?.room.folder ?? '', 'upper')), 0)
    const stopping = performance.now()
    const gone = started.map(({child}) => new Promise(resolve => child.once('close', resolve)))
    for (const {pid} of signalTargets(started)) process.kill(pid, 'SIGTERM')
    await Promise.all(gone)
    const stopped = performance.now() - stopping
    print(
      `${dynos} ${name}`,
      `all listen after ${up.toFixed(0)} ms`,
      `all gone ${stopped.toFixed(0)} ms after SIGTERM`,
      `${written} bytes of slug copied`,
    )
    for (const {made} of started) await made?.[Symbol.asyncDispose]()
  }
  const [plain = [], isolated = []] = [...upTimes.values()]
  print(`${dynos} ${sandbox.tier} over plain`, `${(Math.min(...isolated) / Math.min(...plain)).toFixed(2)} x`)
}

function possibleTiers(): readonly Tier[] {
  return process.geteuid?.() === 0 ? ['sandbox', 'own-uid'] : ['sandbox', 'process']
}

/** The same login shell, spawned as it is. */
function plainLogin({command: text, env: own, cwd}: DynoSpec): CommandLine {
  const script = `PATH_=$PATH; [ -r /etc/profile ] && . /etc/profile; PATH=$PATH_\n${String(text)}`
  return {file: '/bin/bash', args: ['--noprofile', '--login', '-c', script], env: {...own, HOME: cwd}, cwd}
}

async function startIsolated(isolation: Isolation, spec: DynoSpec): Promise<Started> {
  const made = await isolation.prepare(spec, place)
  return {child: start(isolation.wrap(spec, made.room)), made, helperGenerations: isolation.helperGenerations}
}

function start({file, args, env: own, cwd}: CommandLine): ChildProcess {
  return spawn(file, args, {env: own, cwd, stdio: ['ignore', 'pipe', 'inherit']})
}

function signalTargets(started: readonly Started[]): readonly {readonly pid: number}[] {
  const processes = readdirSync('/proc').flatMap(name => (/^\d+$/.test(name) ? readPlace(Number(name)) : []))
  return started.flatMap(({child, helperGenerations}) => {
    const pid = child.pid ?? 0
    let tree = [{pid, ppid: 0}]
    const all = [...tree]
    while (tree.length > 0) {
      const parents = new Set(tree.map(process => process.pid))
      tree = processes.filter(({ppid}) => parents.has(ppid))
      all.push(...tree)
    }
    return all.filter(process => !isHelperProcess(process, pid, helperGenerations))
  })
}

function readPlace(pid: number): readonly {readonly pid: number; readonly ppid: number}[] {
  try {
    const stat = readFileSync(`/proc/${pid}/stat`, 'latin1')
    return [{pid, ppid: Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1])}]
  } catch {
    return []
  }
}

async function freePorts(count: number): Promise<readonly number[]> {
  const servers = await Promise.all(
    Array.from({length: count}, async () => {
      const listener = createServer()
      await new Promise<void>(resolve => listener.listen(0, '127.0.0.1', resolve))
      return listener
    }),
  )
  return await Promise.all(
    servers.map(async listener => {
      const address = listener.address()
      await new Promise(resolve => listener.close(resolve))
      return typeof address === 'object' ? (address?.port ?? 0) : 0
    }),
  )
}

async function untilListening(port: number): Promise<void> {
  const deadline = performance.now() + 60_000
  while (performance.now() < deadline) {
    const isUp = await new Promise<boolean>(resolve => {
      const socket = connect(port, '127.0.0.1', () => {
        socket.destroy()
        resolve(true)
      }).once('error', () => resolve(false))
    })
    if (isUp) return
    await new Promise(resolve => setTimeout(resolve, 25))
  }
  throw new Error(`nothing listens on ${port}`)
}

function bytesIn(path: string): number {
  if (!existsSync(path)) return 0
  return readdirSync(path, {recursive: true, encoding: 'utf8'}).reduce((sum, name) => {
    const kind = statSync(join(path, name))
    return sum + (kind.isFile() ? kind.size : 0)
  }, 0)
}

function print(...words: readonly string[]): void {
  process.stdout.write(`${words.filter(word => word !== '').join('  ')}\n`)
}
