// What `start` costs, against its peers in the same run: node bench/start.ts [--runs 10]. Build the binary first.
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {join} from 'node:path'
import {parseArgs} from 'node:util'
import {AppRig, end} from './app-rig.ts'
import {installPeers, type Peer} from './peers.ts'
import {median, printTable} from './table.ts'

const {values} = parseArgs({options: {runs: {type: 'string', default: '10'}}})
using rig = new AppRig()
const app = rig.makeApp('first', 'echo ready$((6*7)); exec sleep 60')
const tools: readonly Peer[] = [
  {name: 'homeport', file: rig.program, args: ['start', '--no-router', '--timeout-stop', '1']},
  ...installPeers(rig.folder),
]
const times = new Map<string, number[]>()
const note = (name: string, tookMs: number) => times.set(name, [...(times.get(name) ?? []), tookMs])

// Side by side, so that whatever else the machine does meets all of them.
for (let run = 0; run < Number(values.runs); run++) {
  note('`node -e 0`', await timeOf(app, process.execPath, '-e', '0'))
  for (const tool of tools) note(`${tool.name}: first line`, await firstLine(tool))
  note('homeport ps, nothing runs', await timeOf(app, rig.program, 'ps'))
}
const hello = join(rig.root, 'fixtures/hello')
const {child} = await rig.start(['--root', hello], events => events.includes('"ready"'))
for (let run = 0; run < Number(values.runs); run++) note('homeport ps, an app runs', await timeOf(hello, rig.program, 'ps'))
await end(child)

const base = median(times.get('`node -e 0`') ?? [])
printTable(
  'Spawn to the first line of `web: echo ready`; `ps`',
  ['', 'median ms', 'over `node -e 0`'],
  [...times].map(([name, all]) => [name, median(all).toFixed(0), (median(all) / base).toFixed(1)]),
)

async function firstLine({file, args}: Peer): Promise<number> {
  const startedMs = performance.now()
  const tool = spawn(file, args, {cwd: app, env: rig.env, stdio: ['ignore', 'pipe', 'ignore'], detached: true})
  const exited = once(tool, 'exit')
  let text = ''
  tool.stdout.on('data', chunk => {
    text += chunk
  })
  while (!text.includes('ready42')) await once(tool.stdout, 'data')
  const tookMs = performance.now() - startedMs
  process.kill(-(tool.pid ?? 0), 'SIGTERM')
  await exited
  return tookMs
}

async function timeOf(cwd: string, file: string, ...args: readonly string[]): Promise<number> {
  const startedMs = performance.now()
  await once(spawn(file, args, {cwd, env: rig.env, stdio: 'ignore'}), 'exit')
  return performance.now() - startedMs
}
