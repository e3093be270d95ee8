// A million lines of 100 bytes through `start` and its peers: node bench/lines.ts. Build the binary first.
import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {createWriteStream, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {finished} from 'node:stream/promises'
import {AppRig} from './app-rig.ts'
import {installPeers} from './peers.ts'
import {printTable} from './table.ts'

const count = 1_000_000
/** Whoever takes longer is ended. */
const longestMs = 60_000
using rig = new AppRig()
const file = join(rig.folder, 'lines')
const line = (number: number) => `${String(number).padStart(9, '0')} ${'x'.repeat(89)}`
writeFileSync(file, Array.from({length: count}, (_, number) => `${line(number)}\n`).join(''))
const exits = rig.makeApp('exits', `cat ${file}`)
const stays = rig.makeApp('stays', `cat ${file}; echo END-$((6*7)); exec sleep 60`)
const homeport = {name: 'homeport', file: rig.program, args: ['start', '--no-router', '--timeout-stop', '1', '--exit-on', 'any']}

const rows: string[][] = []
for (const {name, file: tool, args} of [homeport, ...installPeers(rig.folder)]) {
  const gone = await run(tool, args, exits)
  const here = await run(tool, args, stays)
  rows.push([name, gone.seconds, String(gone.lost), here.seconds, String(here.lost)])
}
printTable(
  '1,000,000 lines of 100 bytes into a pipe',
  ['', 's, process exits', 'lines from the first that is lost or torn', 's, process stays', 'likewise'],
  rows,
)

const slow = await slowReader()
printTable(
  'The same with a reader that sleeps for 3 s',
  ['', 'before', 'while the reader sleeps', 'growth'],
  [['homeport, resident MB', ...slow]],
)

/** Until it ends, or says that all was said. */
async function run(tool: string, args: readonly string[], cwd: string): Promise<{readonly seconds: string; readonly lost: number}> {
  const out = join(rig.folder, 'out')
  const startedMs = performance.now()
  const child = spawn(tool, args, {cwd, env: rig.env, stdio: ['ignore', 'pipe', 'ignore'], detached: true})
  const written = finished(child.stdout.pipe(createWriteStream(out)))
  let tail = ''
  const said = new Promise<void>(resolve => {
    child.stdout.on('data', chunk => {
      tail = (tail + chunk.toString('latin1').slice(-200)).slice(-400)
      if (tail.includes('END-42')) resolve()
    })
  })
  const exited = once(child, 'exit')
  const isOver = await Promise.race([said, exited, new Promise<false>(resolve => setTimeout(resolve, longestMs, false).unref())])
  const seconds = isOver === false ? `> ${longestMs / 1_000}` : ((performance.now() - startedMs) / 1_000).toFixed(2)
  if (child.exitCode === null) process.kill(-(child.pid ?? 0), isOver === false ? 'SIGKILL' : 'SIGTERM')
  await Promise.all([exited, written])
  let found = 0
  for (const text of readFileSync(out, 'latin1').split('\n')) if (text.endsWith(line(found))) found++
  return {seconds, lost: count - found}
}

/** Resident memory of Homeport once its first line was read, and the most of it three seconds later, with nobody reading meanwhile. */
async function slowReader(): Promise<readonly string[]> {
  const child = spawn(rig.program, [...homeport.args.slice(0, 1), '--log-format', 'raw', ...homeport.args.slice(1)], {
    cwd: exits,
    env: rig.env,
    stdio: ['ignore', 'pipe', 'ignore'],
  })
  await once(child.stdout, 'readable')
  const before = residentMb(child.pid ?? 0, 'VmRSS')
  await new Promise(resolve => setTimeout(resolve, 3_000))
  const after = residentMb(child.pid ?? 0, 'VmHWM')
  child.stdout.resume()
  await once(child, 'exit')
  return [before, after, after - before].map(mb => mb.toFixed(0))
}

function residentMb(pid: number, key: string): number {
  return Number(new RegExp(`${key}:\\s+(\\d+)`).exec(readFileSync(`/proc/${pid}/status`, 'latin1'))?.[1]) / 1_024
}
