// npm test: types, lint and format, all tests but the pool's; ends with a line that CI counts: `N passed, N failed`.
import {spawnSync} from 'node:child_process'
import {mkdtempSync, readFileSync, rmSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join, relative} from 'node:path'
import {missingTools} from './test-tools.ts'

type TestResults = {
  readonly testResults: readonly {
    readonly name: string
    readonly status: string
    readonly message?: string
    readonly assertionResults: readonly {readonly fullName: string; readonly status: string}[]
  }[]
}

const isRoot = process.getuid?.() === 0
if (isRoot) run('setup', ['npm', 'run', '--silent', 'setup:test'])
const areSoundTypes = run('types', ['npm', 'run', '--silent', 'typecheck'])
const isClean = run('lint and format', ['npm', 'run', '--silent', 'lint'])

const folder = mkdtempSync(join(tmpdir(), 'homeport-results-'))
const file = join(folder, 'results.json')
const havePassed = run('tests', [
  'vitest',
  'run',
  '--reporter=default',
  '--reporter=json',
  `--outputFile.json=${file}`,
  '--project=!pool',
  ...process.argv.slice(2),
])
const results = readResults()
rmSync(folder, {recursive: true})

for (const line of leftOut(results)) console.log(line)
const {passed, failed, skipped} = count(results)
console.log(`\n${passed} passed, ${failed} failed${skipped === 0 ? '' : `, ${skipped} skipped`}`)
process.exitCode = areSoundTypes && isClean && havePassed && failed === 0 && passed > 0 ? 0 : 1

function run(what: string, [command = '', ...args]: readonly string[]): boolean {
  console.log(`\n## ${what}`)
  const {status, error} = spawnSync(command, args, {stdio: ['ignore', 'inherit', 'inherit']})
  if (status !== 0) console.log(`${what}: failed${error === undefined ? '' : ` (${error.message})`}`)
  return status === 0
}

function readResults(): TestResults {
  try {
    return JSON.parse(readFileSync(file, 'utf8'))
  } catch {
    return {testResults: []} // Vitest itself failed, and said why
  }
}

/** A file that could not be loaded counts as one failed test. */
function count({testResults}: TestResults): {passed: number; failed: number; skipped: number} {
  const statuses = testResults.flatMap(({assertionResults, status}) => {
    const own = assertionResults.map(result => result.status)
    return status === 'failed' && !own.includes('failed') ? [...own, 'failed'] : own
  })
  const passed = statuses.filter(status => status === 'passed').length
  const failed = statuses.filter(status => status === 'failed').length
  return {passed, failed, skipped: statuses.length - passed - failed}
}

/** What did not run on this machine, and why. */
function leftOut({testResults}: TestResults): readonly string[] {
  const suites = testResults.flatMap(({name, assertionResults}) => {
    const skipped = assertionResults.filter(({status}) => status !== 'passed' && status !== 'failed')
    return skipped.map(({fullName}) => `  ${relative(process.cwd(), name)}: ${fullName}`)
  })
  if (suites.length === 0) return []
  const reasons = [
    ...(isRoot ? [] : ['this is not root, which may start processes as other users and make mounts']),
    ...missingTools().map(tool => `${tool.command} is missing (Debian: ${tool.package}): ${tool.for}`),
    ...(process.platform === 'linux' ? [] : ['this is not Linux']),
  ]
  return [
    '\nLeft out here:',
    ...suites,
    'since:',
    ...reasons.map(reason => `  ${reason}`),
    'As root `npm run setup:test` installs what is missing.',
  ]
}
