import {fast} from './cli/fast.ts'

const argv = process.argv.slice(2)

void fast(argv).then(async isAnswered => {
  if (!isAnswered) await (await import('./cli/cli.ts')).cli(argv)
})
