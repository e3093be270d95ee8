// Installs what tests need beside npm's packages (as root on Debian); takes no time when all is there.
import {spawnSync} from 'node:child_process'
import {existsSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {hasTool, missingTools} from './test-tools.ts'

/** PyPI's part, in a folder of its own. */
const python = {folder: fileURLToPath(new URL('../build/python', import.meta.url)), packages: [{command: 'honcho', pin: 'honcho==2.0.0'}]}

installDebianPackages()
installPythonPackages()

function installDebianPackages(): void {
  const packages = [...new Set(missingTools().map(tool => tool.package))]
  if (packages.length === 0) return
  if (process.getuid?.() !== 0 || !hasTool('apt-get')) fail(`Missing here: ${packages.join(' ')}. Install them as root.`)
  // With --no-install-recommends chromium brings no sandbox helper and no fonts; tests start it with --no-sandbox.
  const install = ['install', '--yes', '--quiet', '--no-install-recommends', ...packages]
  if (aptGet(install)) return
  if (!aptGet(['update', '--quiet']) || !aptGet(install)) fail(`apt-get could not install ${packages.join(' ')}.`)
}

function aptGet(args: readonly string[]): boolean {
  const env = {...process.env, DEBIAN_FRONTEND: 'noninteractive'}
  return spawnSync('apt-get', args, {stdio: ['ignore', 'inherit', 'inherit'], env}).status === 0
}

function installPythonPackages(): void {
  const missing = python.packages.filter(({command}) => !existsSync(`${python.folder}/bin/${command}`))
  if (missing.length === 0) return
  const steps = [
    ['python3', '-m', 'venv', python.folder],
    [`${python.folder}/bin/pip`, 'install', '--quiet', '--disable-pip-version-check', ...missing.map(({pin}) => pin)],
  ]
  for (const [file = '', ...args] of steps) {
    if (spawnSync(file, args, {stdio: ['ignore', 'inherit', 'inherit']}).status !== 0) fail(`${[file, ...args].join(' ')} failed.`)
  }
}

function fail(message: string): never {
  console.error(message)
  process.exit(1)
}
