// What `start` costs, against its peers in the same run: node bench/start.ts [--runs 10]. Build the binary first.
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {request} from 'node:http'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'
import {installPeers, type Peer} from './peers.ts'

const root = fileURLToPath(new URL('..', import.meta.url))
const {values} = parseArgs({options: {runs: {type: 'string', default: '10'}}})
const runs = Number(values.runs)
const folder = mkdtempSync(join(tmpdir(), 'homeport-bench-'))
const env = {...process.env, HOMEPORT_HOME: join(folder, 'home')}
const program = join(root, 'dist/homeport')
const peers = installPeers(folder)
const homeport: Peer = {name: 'homeport', file: program, args: ['start', '--no-router', '--timeout-stop', '1'], endsItself: true}
type Tool = Peer

try {
  await benchFirstLine()
  await benchLines()
  await benchRequest()
} finally {
  rmSync(folder, {recursive: true, force: true})
}

/** An app of one type; concurrently reads its command from web.sh. */
function makeApp(name: string, command: string): string {
  const app = join(folder, name)
  mkdirSync(app, {recursive: true})
  writeFileSync(join(app, 'Procfile'), `web: ${command}\n`)
  writeFileSync(join(app, 'web.sh'), `${command}\n`)
  return app
}

async function benchFirstLine(): Promise<void> {
  const app = makeApp('first', 'echo ready$((6*7)); exec sleep 60')
  const times = new Map<string, number[]>()
  const note = (name: string, value: number) => times.set(name, [...(times.get(name) ?? []), value])
  for (let run = 0; run < runs; run++) {
    note('node -e 0', await timeOf(process.execPath, ['-e', '0'], app))
    note('homeport ps', await timeOf(program, ['ps'], app))
    for (const tool of [homeport, ...peers]) note(tool.name, await firstLine(tool, app))
  }
  const base = median(times.get('node -e 0') ?? [])
  table(
    'Spawn to the first line of `web: echo ready`',
    ['', 'median ms', 'over `node -e 0`'],
    [...times].map(([name, all]) => [name, median(all).toFixed(0), (median(all) / base).toFixed(1)]),
  )
}

async function firstLine({file, args}: Pick<Tool, 'file' | 'args'>, app: string): Promise<number> {
  const startedMs = performance.now()
  const child = spawn(file, args, {cwd: app, env, stdio: ['ignore', 'pipe', 'ignore'], detached: true})
  let text = ''
  for await (const chunk of child.stdout) {
    text += chunk
    if (text.includes('ready42')) break
  }
  const tookMs = performance.now() - startedMs
  const ended = once(child, 'exit')
  process.kill(-(child.pid ?? 0), 'SIGTERM')
  await ended
  return tookMs
}

async function timeOf(file: string, args: readonly string[], cwd: string): Promise<number> {
  const startedMs = performance.now()
  await once(spawn(file, args, {cwd, env, stdio: 'ignore'}), 'exit')
  return performance.now() - startedMs
}

/** A million lines of 100 bytes that end at once: whole and in order, or lost. */
async function benchLines(): Promise<void> {
  const count = 1_000_000
  const file = join(folder, 'lines')
  const line = (number: number) => `${String(number).padStart(9, '0')} ${'x'.repeat(89)}\n`
  writeFileSync(file, Array.from({length: count}, (_, number) => line(number)).join(''))
  const app = makeApp('lines', `cat ${file}`)
  const rows: string[][] = []
  for (const tool of [{...homeport, args: [...homeport.args, '--exit-on', 'any']}, ...peers]) {
    const out = join(folder, 'out')
    const startedMs = performance.now()
    const child = spawn('sh', ['-c', '"$@" 2>/dev/null | cat > "$0"', out, tool.file, ...tool.args], {cwd: app, env, stdio: 'ignore'})
    await once(child, 'exit')
    const tookMs = performance.now() - startedMs
    let found = 0
    for (const text of readFileSync(out, 'latin1').split('\n')) if (text.endsWith(line(found).slice(0, -1))) found++
    rows.push([tool.name, (tookMs / 1_000).toFixed(2), String(count - found)])
  }
  table('1,000,000 lines of 100 bytes into a pipe, the process exits at once', ['', 'seconds', 'lines lost, torn or out of order'], rows)
}

/** One request through the router over a direct one, on kept connections, at the median. */
async function benchRequest(): Promise<void> {
  const child = spawn(program, ['start', 'web', '-p', '0', '--json', '--root', join(root, 'fixtures/hello')], {
    env,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  let text = ''
  const ports = {router: 0, dyno: 0}
  for await (const chunk of child.stdout) {
    text += chunk
    ports.router = Number(/"url":"http:\/\/localhost:(\d+)"/.exec(text)?.[1] ?? 0)
    ports.dyno = Number(/"port":(\d+)/.exec(text)?.[1] ?? 0)
    if (ports.router > 0 && ports.dyno > 0) break
  }
  child.stdout.resume()
  const times: Record<'direct' | 'router', number[]> = {direct: [], router: []}
  for (let count = 0; count < 2_000; count++) {
    times.direct.push(await ask(ports.dyno))
    times.router.push(await ask(ports.router))
  }
  child.kill('SIGTERM')
  await once(child, 'exit')
  const [direct, router] = [median(times.direct), median(times.router)]
  table(
    'One request, keep-alive, median ms',
    ['direct', 'through the router', 'more'],
    [[direct, router, router - direct].map(value => value.toFixed(3))],
  )
}

const {Agent} = await import('node:http')
const agent = new Agent({keepAlive: true})

function ask(port: number): Promise<number> {
  const startedMs = performance.now()
  return new Promise((resolve, reject) => {
    request({port, host: '127.0.0.1', headers: {Host: 'localhost'}, agent}, answer =>
      answer.resume().on('end', () => resolve(performance.now() - startedMs)),
    )
      .on('error', reject)
      .end()
  })
}

function median(all: readonly number[]): number {
  return [...all].sort((one, other) => one - other)[Math.floor(all.length / 2)] ?? Number.NaN
}

function table(title: string, head: readonly string[], rows: readonly (readonly string[])[]): void {
  console.log(`\n### ${title}\n\n| ${head.join(' | ')} |\n|${head.map(() => '---').join('|')}|`)
  for (const row of rows) console.log(`| ${row.join(' | ')} |`)
}
