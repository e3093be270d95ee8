import {mkdtempSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {lineRenderer, logFormats} from '../src/cli/render/line.ts'
import {LogStore} from '../src/engines/log/log-store.ts'
import {readLog} from '../src/engines/log/read-log.ts'
import type {OutputEvent} from '../src/model/event.ts'

/**
 * A million lines of 100 bytes, in blocks as dynos write them, through the renderers and the log store.
 * Run with `node bench/log.ts`; figures are lines per second of one core (CPU) and of the clock (wall).
 */
const blockLines = 655
const blocks = Math.ceil(1_000_000 / blockLines)
const lines = Buffer.from(`${'x'.repeat(99)}\n`.repeat(blockLines))

function event(index: number): OutputEvent {
  return {type: 'output', time: 1_764_000_000_000 + index, source: 'app', dyno: `web.${1 + (index % 4)}`, stream: 'stdout', lines}
}

async function measure(name: string, work: () => unknown): Promise<void> {
  const cpuBefore = process.cpuUsage()
  const wallBefore = performance.now()
  await work()
  const wallMs = performance.now() - wallBefore
  const {user, system} = process.cpuUsage(cpuBefore)
  const perSecond = (ms: number) => `${((blocks * blockLines) / ms / 1_000).toFixed(1)} M lines/s`
  process.stdout.write(
    `${name.padEnd(28)} wall ${wallMs.toFixed(0).padStart(5)} ms, ${perSecond(wallMs)}; cpu ${((user + system) / 1_000).toFixed(0)} ms\n`,
  )
}

function each(work: (event: OutputEvent) => unknown): () => void {
  return () => {
    for (let index = 0; index < blocks; index++) work(event(index))
  }
}

const folder = mkdtempSync(join(tmpdir(), 'homeport-bench-'))
try {
  for (const round of [1, 2]) {
    process.stdout.write(`round ${round}\n`)
    for (const format of logFormats) {
      await measure(`render ${format}`, each(lineRenderer({format, timestamps: true, isColoured: true, isTerminal: true})))
    }
    const store = new LogStore(join(folder, String(round)), {
      app: {name: 'bench', root: '/bench'},
      warn: text => process.stderr.write(text),
    })
    await measure('store, appended and flushed', async () => {
      for (let index = 0; index < blocks; index++) {
        store.append(event(index))
        // As fast as the disk takes it, nothing dropped; dynos are read in turns of the event loop, some blocks in each.
        if (index % 8 === 0) await new Promise(resolve => setImmediate(resolve))
        while (store.waitingBytes > 4 * 1024 * 1024) await new Promise(resolve => setImmediate(resolve))
      }
      await store.flush()
    })
    await store.close()
    await measure('newest 100 of the log', () => readLog(join(folder, String(round)), {num: 100}))
    const {records} = await readLog(join(folder, String(round)))
    const dropped = records.filter(({dyno}) => dyno === 'logplex').map(({text}) => text.toString())
    process.stdout.write(`kept ${records.length} lines; ${dropped.length === 0 ? 'none dropped' : dropped.join(' ')}\n`)
  }
} finally {
  rmSync(folder, {recursive: true})
}
