// npm run bench [-- NAME…]: all benchmarks, or those named; ratios against peers in the same run, ready for BENCHMARKS.md.
import {spawnSync} from 'node:child_process'
import {fileURLToPath} from 'node:url'

const all = ['startup', 'start', 'lines', 'life', 'log', 'router', 'slug', 'isolation']
const names = process.argv.slice(2)
const unknown = names.find(name => !all.includes(name))
if (unknown !== undefined) {
  console.error(`There is no benchmark “${unknown}”; there are ${all.join(', ')}.`)
  process.exit(2)
}
const root = fileURLToPath(new URL('..', import.meta.url))
const built = spawnSync('npm', ['run', '--silent', 'build'], {cwd: root, stdio: 'inherit'})
if (built.status !== 0) process.exit(built.status ?? 1)
for (const name of names.length === 0 ? all : names) {
  console.log(`\n## ${name}`)
  const {status} = spawnSync(process.execPath, [fileURLToPath(new URL(`${name}.ts`, import.meta.url))], {cwd: root, stdio: 'inherit'})
  if (status !== 0) process.exitCode = 1
}
