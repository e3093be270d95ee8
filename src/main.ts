import {fast} from './cli/fast.ts'
import {reportError} from './cli/report-error.ts'
import {withEnvironment} from './cli/with-environment.ts'

const argv = process.argv.slice(2)

// Node would open a debugger to everybody on this machine.
process.on('SIGUSR1', () => {})

process.on('uncaughtException', error => process.exit(reportError(error)))

void fast(argv).then(async isAnswered => {
  if (isAnswered) return
  // The framework wants a home when it is loaded, and there may be none: a bare container, a uid without an entry.
  const home = process.env['HOME'] ?? '/'
  const {cli} = await withEnvironment({HOME: home}, () => import('./cli/cli.ts'))
  await cli(argv)
})
