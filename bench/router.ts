import {type ChildProcess, execFileSync, spawn} from 'node:child_process'
import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'
import {echoHosts} from './router/echo-hosts.ts'
import {measureRestarts} from './router/restarts.ts'
import {freePort, median, type Program, startProgram, usage} from './router/rig.ts'
import {isInstalled, type RouterName, startDyno, startRouter} from './router/routers.ts'

/**
 * The router against nginx, haproxy (Debian: nginx-light, haproxy, wrk), http-proxy and http-proxy-3 (npm), on this machine, in
 * this run, in interleaved rounds; the router on one core, load and dyno on another. Figures are medians of rounds, ratios are
 * medians of the ratios within a round. `node bench/router.ts [small|p99|large|websocket|idle|tls|restarts]… [--rounds N] [--seconds N]`
 */
const {positionals, values} = parseArgs({
  allowPositionals: true,
  options: {rounds: {type: 'string', default: '5'}, seconds: {type: 'string', default: '2'}},
})
const rounds = Number(values.rounds)
const seconds = Number(values.seconds)
const loadProgram = fileURLToPath(new URL('router/load.ts', import.meta.url))
const echoProgram = fileURLToPath(new URL('router/echo-dyno.ts', import.meta.url))
const idleConnections = 10_000
/** What a row is asked to reach: `figure` as it is compared, and whether it holds. */
const verdicts: {readonly what: string; readonly figure: string; readonly bound: string; readonly holds: boolean}[] = []
const folder = mkdtempSync(join(tmpdir(), 'homeport-bench-router-'))
const all = (['homeport', 'nginx', 'haproxy', 'http-proxy', 'http-proxy+agent', 'http-proxy-3+agent'] as const).filter(isInstalled)

const parts: Readonly<Record<string, () => Promise<void>>> = {small, p99, large, websocket, idle, tls, restarts}
try {
  for (const part of positionals.length > 0 ? positionals : Object.keys(parts)) await parts[part]?.()
  console.log('\n| asked | figure | bound | |\n|---|--:|--:|---|')
  for (const {what, figure, bound, holds} of verdicts)
    console.log(`| ${what} | ${figure} | ${bound} | ${holds ? 'holds' : 'falls short'} |`)
} finally {
  rmSync(folder, {recursive: true, force: true})
}

type Round = Map<RouterName, {value: number; cpuMicros: number}>

async function small(): Promise<void> {
  await using dyno = await startDyno(folder)
  await using routers = await startAll(all, dyno.port)
  const title = 'small answers, keep-alive, 64 connections'
  const results = await inRounds(routers.programs, program => wrk(program, 'http'))
  table(title, 'requests/s', results)
  atLeast(`${title}, × nginx`, ratio(results, 'nginx'), 0.8)
  atLeast(`${title}, × haproxy`, ratio(results, 'haproxy'), 0.8)
  atLeast(`${title}, × http-proxy`, ratio(results, 'http-proxy'), 8)
}

async function tls(): Promise<void> {
  await using dyno = await startDyno(folder)
  await using routers = await startAll(['homeport', 'nginx'], dyno.port, {isTls: true})
  const results = await inRounds(routers.programs, program => wrk(program, 'https'))
  table('TLS, keep-alive, 64 connections', 'requests/s', results)
  atLeast('TLS, keep-alive, × nginx', ratio(results, 'nginx'), 0.5)
}

async function restarts(): Promise<void> {
  const {answered, failed} = await measureRestarts(folder, 10)
  console.log(`\n4 dynos, one of them slow, one restarting every second: ${answered} GETs answered, ${failed} failed`)
  atMost('4 dynos, one slow, one restarting: failed requests', failed, 0, '')
}

async function wrk({pid, port}: Program, scheme: 'http' | 'https'): Promise<{value: number; cpuMicros: number}> {
  const before = usage(pid).cpuSeconds
  const report = execFileSync('taskset', ['-c', '1', 'wrk', '-t1', '-c64', `-d${seconds}s`, `${scheme}://127.0.0.1:${port}/small`], {
    encoding: 'utf8',
  })
  if (/Non-2xx|connect [1-9]|read [1-9]|write [1-9]/.test(report)) throw new Error(report)
  const count = Number(/(\d+) requests in/.exec(report)?.[1])
  return {value: Number(/Requests\/sec:\s+([\d.]+)/.exec(report)?.[1]), cpuMicros: ((usage(pid).cpuSeconds - before) / count) * 1e6}
}

async function p99(): Promise<void> {
  await using dyno = await startDyno(folder)
  await using routers = await startAll(['homeport', 'nginx', 'haproxy'], dyno.port)
  // 70 % of what the slowest of them does with this generator.
  const most = await inRounds(
    routers.programs,
    async ({port}) => {
      const {answered} = await load('open', port, 1_000_000, 64, 1)
      return {value: answered ?? 0, cpuMicros: 0}
    },
    1,
  )
  const rate = Math.floor(0.7 * Math.min(...[...(most[0]?.values() ?? [])].map(({value}) => value)))
  const results = await inRounds(routers.programs, async ({port}) => {
    const {p99Ms} = await load('open', port, rate, 64, seconds)
    return {value: p99Ms ?? Number.NaN, cpuMicros: 0}
  })
  table(`p99 at ${rate} requests/s (70 % load)`, 'ms', results)
  atMost('p99 at 70 % load, × haproxy', ratio(results, 'haproxy'), 1.5, '')
}

async function large(): Promise<void> {
  await using dyno = await startDyno(folder)
  await using routers = await startAll(['homeport', 'nginx', 'haproxy'], dyno.port)
  for (const direction of ['down', 'up'] as const) {
    await using echo = await startEcho()
    await using others = await startAll(['homeport', 'nginx', 'haproxy'], echo.port, {dynoHosts: echoHosts})
    const growth = new Map<string, number>()
    const results = await inRounds(direction === 'down' ? routers.programs : others.programs, async ({pid, port}, name) => {
      const before = usage(pid).rssBytes
      const {megabytesPerSecond} = await load(direction, port, 3)
      growth.set(name, Math.max(growth.get(name) ?? 0, usage(pid).rssBytes - before))
      return {value: megabytesPerSecond ?? Number.NaN, cpuMicros: 0}
    })
    table(`100 MB body ${direction}`, 'MB/s', results, name => `${((growth.get(name) ?? 0) / 1e6).toFixed(0)} MB of growth`)
    atLeast(`100 MB body ${direction}, × nginx`, ratio(results, 'nginx'), 0.8)
    atMost(`100 MB body ${direction}, RSS growth`, (growth.get('homeport') ?? 0) / 1e6, 96, ' MB')
  }
}

async function websocket(): Promise<void> {
  await using echo = await startEcho()
  await using routers = await startAll(['homeport', 'nginx', 'haproxy'], echo.port, {dynoHosts: echoHosts})
  const results = await inRounds(routers.programs, async ({port}) => {
    const {messagesPerSecond} = await load('echo', port, 1000, seconds)
    return {value: messagesPerSecond ?? Number.NaN, cpuMicros: 0}
  })
  table('WebSocket echo, 1,000 connections', 'messages/s', results)
  atLeast('WebSocket echo, 1,000 connections, × haproxy', ratio(results, 'haproxy'), 0.65)
}

async function idle(): Promise<void> {
  await using dyno = await startDyno(folder)
  // haproxy wants two descriptors for each connection beforehand, more than a usual limit of 20,000 gives.
  await using routers = await startAll(
    all.filter(name => name !== 'haproxy'),
    dyno.port,
  )
  const results: Round = new Map()
  const totals = new Map<RouterName, number>()
  for (const [name, {pid, port}] of routers.programs) {
    const before = usage(pid).rssBytes
    const child = spawn(process.execPath, [loadProgram, 'idle', String(port), String(idleConnections)], {
      stdio: ['pipe', 'pipe', 'inherit'],
    })
    await new Promise(resolve => child.stdout.once('data', resolve))
    const {rssBytes} = usage(pid)
    totals.set(name, rssBytes)
    results.set(name, {value: (rssBytes - before) / idleConnections / 1000, cpuMicros: 0})
    await end(child)
  }
  table(
    `${idleConnections} idle keep-alive connections`,
    'kB each',
    [results],
    name => `${((totals.get(name) ?? 0) / 1e6).toFixed(0)} MB in all`,
  )
  atMost(`${idleConnections} idle keep-alive connections, each`, results.get('homeport')?.value ?? Number.NaN, 20, ' kB')
}

async function startEcho(): Promise<Program> {
  const port = await freePort()
  return startProgram(process.execPath, [echoProgram, String(port)], {core: 1, port})
}

async function startAll(names: readonly RouterName[], dynoPort: number, options: Parameters<typeof startRouter>[3] = {}) {
  await using started = new AsyncDisposableStack()
  const programs = new Map<RouterName, Program>()
  for (const name of names.filter(isInstalled)) programs.set(name, started.use(await startRouter(name, dynoPort, folder, options)))
  const kept = started.move()
  return {programs, [Symbol.asyncDispose]: () => kept.disposeAsync()}
}

/** Side by side, so that whatever else the machine does meets all of them. The first round warms up. */
async function inRounds(
  programs: ReadonlyMap<RouterName, Program>,
  measure: (program: Program, name: RouterName) => Promise<{value: number; cpuMicros: number}>,
  count = rounds,
): Promise<readonly Round[]> {
  const results: Round[] = []
  for (let round = 0; round <= count; round++) {
    const one: Round = new Map()
    for (const [name, program] of programs) one.set(name, await measure(program, name))
    if (round > 0) results.push(one)
  }
  return results
}

type LoadReport = {answered?: number; p99Ms?: number; megabytesPerSecond?: number; messagesPerSecond?: number}

async function load(mode: string, port: number, ...numbers: readonly number[]): Promise<LoadReport> {
  const child = spawn('taskset', ['-c', '1', process.execPath, loadProgram, mode, String(port), ...numbers.map(String)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.on('data', chunk => {
    text += chunk
  })
  await new Promise(resolve => child.on('close', resolve))
  return JSON.parse(text) as LoadReport
}

async function end(child: ChildProcess): Promise<void> {
  const closed = new Promise(resolve => child.on('close', resolve))
  child.stdin?.end()
  await closed
}

/** The router's figure by another one's: the median of the ratios within a round; undefined when the other is not here. */
function ratio(results: readonly Round[], other: RouterName, mine: RouterName = 'homeport'): number | undefined {
  const ratios = results.flatMap(round => {
    const [own, theirs] = [round.get(mine)?.value, round.get(other)?.value]
    return own === undefined || theirs === undefined ? [] : [own / theirs]
  })
  return ratios.length === 0 ? undefined : median(ratios)
}

function atLeast(what: string, figure: number | undefined, bound: number): void {
  if (figure !== undefined) verdicts.push({what, figure: figure.toFixed(2), bound: `≥ ${bound}`, holds: figure >= bound})
}

function atMost(what: string, figure: number | undefined, bound: number, unit: string): void {
  if (figure === undefined) return
  verdicts.push({what, figure: `${Number(figure.toFixed(2))}${unit}`, bound: `≤ ${bound}${unit}`, holds: figure <= bound})
}

function table(title: string, unit: string, results: readonly Round[], note: (name: RouterName) => string = () => ''): void {
  const names = [...(results[0]?.keys() ?? [])]
  console.log(`\n${title}\n\n| router | ${unit} | × nginx | × haproxy | CPU µs/request | |\n|---|--:|--:|--:|--:|---|`)
  for (const name of names) {
    const of = (other: RouterName) => ratio(results, other, name)?.toFixed(2) ?? ''
    const figures = results.map(round => round.get(name))
    const cpu = median(figures.map(figure => figure?.cpuMicros ?? 0))
    const value = median(figures.map(figure => figure?.value ?? Number.NaN))
    console.log(
      `| ${[name, value.toFixed(value < 100 ? 1 : 0), of('nginx'), of('haproxy'), cpu === 0 ? '' : cpu.toFixed(1), note(name)].join(' | ')} |`,
    )
  }
}
