// Wall time of starts, against `node -e 0` in the same run: node bench/startup.ts [--runs 20]. Build the binary first.
import {spawnSync} from 'node:child_process'
import {existsSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {parseArgs} from 'node:util'

const root = fileURLToPath(new URL('..', import.meta.url))
const {values} = parseArgs({options: {runs: {type: 'string', default: '20'}}})

const programs = ['dist/homeport', 'bin/homeport'].filter(program => existsSync(root + program))
const starts = [['--version'], ['help'], ['shell-init', 'bash']]
const rows = [
  {name: 'node -e 0', file: process.execPath, args: ['-e', '0']},
  ...programs.flatMap(program => starts.map(args => ({name: [program, ...args].join(' '), file: root + program, args}))),
].map(row => ({...row, timesMs: [] as number[]}))

// Side by side, so that whatever else the machine does meets all of them.
for (let run = 0; run < Number(values.runs); run++) for (const {file, args, timesMs} of rows) timesMs.push(timeOf(file, args))

const base = summarize(rows[0]?.timesMs ?? [])
console.log('| start | min ms | median ms | min, ratio | median, ratio |\n|---|--:|--:|--:|--:|')
for (const {name, timesMs} of rows) {
  const {minMs, medianMs} = summarize(timesMs)
  const figures = [minMs.toFixed(1), medianMs.toFixed(1), (minMs / base.minMs).toFixed(2), (medianMs / base.medianMs).toFixed(2)]
  console.log(`| ${[name, ...figures].join(' | ')} |`)
}

function timeOf(file: string, args: readonly string[]): number {
  const startedMs = performance.now()
  const {status, error} = spawnSync(file, args, {stdio: 'ignore'})
  if (status !== 0) throw error ?? new Error(`${file} ${args.join(' ')} ended with ${status}`)
  return performance.now() - startedMs
}

function summarize(timesMs: readonly number[]): {readonly minMs: number; readonly medianMs: number} {
  const sorted = [...timesMs].sort((one, other) => one - other)
  return {minMs: sorted[0] ?? Number.NaN, medianMs: sorted[Math.floor(sorted.length / 2)] ?? Number.NaN}
}
