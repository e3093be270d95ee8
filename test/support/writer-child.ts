// Writes to standard output through OutputWriter as its test asks, and tells on standard error what happened.
import {writeSync} from 'node:fs'
import {OutputWriter} from '../../src/cli/output/output-writer.ts'

const [mode = '', amount = '0'] = process.argv.slice(2)
const tell = (text: string) => writeSync(2, `${text}\n`)
const writer = new OutputWriter(1, {
  onClosed: error => {
    tell(`closed ${error?.code}`)
    process.exit(141)
  },
})
const block = Buffer.from(`${'x'.repeat(99)}\n`.repeat(100))

if (mode === 'flood') {
  let ticks = 0
  const clock = setInterval(() => tell(`tick ${++ticks} ${writer.isCongested}`), 20)
  for (let bytes = 0; bytes < Number(amount); bytes += block.length) {
    writer.write(block)
    if (writer.isCongested) await writer.whenClear()
  }
  await writer.flush()
  clearInterval(clock)
  tell('flushed')
  process.exit(0)
}
if (mode === 'hold') {
  setInterval(() => {}, 1_000)
  while (!writer.isCongested) writer.write(block)
  tell('congested')
  process.on('SIGTERM', () => process.exit(5))
}
