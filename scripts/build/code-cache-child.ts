// Called by code-cache.ts: `make FOLDER` writes the code cache of each chunk, `verify FOLDER` fails when Node would not take one.
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {createRequire} from 'node:module'
import {join} from 'node:path'
import {setFlagsFromString} from 'node:v8'
import {chunkLoader, compileChunk} from '../../src/lib/chunk-loader.ts'

const [, , task, folder = ''] = process.argv
const names = {ours: list('ours'), libraries: list('libraries')}

if (task === 'make') {
  // First, since V8 gives the same compiled code for the same text again. Flags are part of what a cache is checked by when it
  // is written.
  setFlagsFromString('--no-lazy')
  const whole = names.ours.map(name => ({name, script: compileChunk(name, source(name), undefined)}))
  setFlagsFromString('--lazy')
  for (const {name, script} of whole) write(name, script)
  const scripts = await warmUp()
  for (const name of names.libraries) write(name, scripts.get(name) ?? compileChunk(name, source(name), undefined))
} else {
  for (const name of [...names.ours, ...names.libraries]) {
    const script = compileChunk(name, source(name), readFileSync(join(folder, 'caches', `${name}.cache`)))
    if (script.cachedDataRejected === true) throw new Error(`Node would not take the code cache of ${name}`)
  }
}
process.exit(0)

/** Help and a small command: they load the framework, and end well. */
async function warmUp() {
  const loader = chunkLoader({source, codeCache: () => undefined}, createRequire(import.meta.url))
  process.argv = [process.execPath, 'homeport', '--version']
  loader.load('main.js')
  const {cli} = loader.load('cli.js') as {readonly cli: (argv: readonly string[]) => Promise<void>}
  const writeStdout = process.stdout.write
  process.stdout.write = () => true
  for (const argv of [['help'], ['help', 'shell-init'], ['shell-init', 'bash', '--json'], ['shell-init', 'fish']]) await cli(argv)
  process.stdout.write = writeStdout
  return loader.scripts
}

function source(name: string): string {
  return readFileSync(join(folder, names.ours.includes(name) ? 'ours' : 'libraries', name), 'utf8')
}

function list(part: string): readonly string[] {
  return existsSync(join(folder, part)) ? readdirSync(join(folder, part)).sort() : []
}

function write(name: string, script: {createCachedData(): Buffer}): void {
  writeFileSync(join(folder, 'caches', `${name}.cache`), script.createCachedData())
}
