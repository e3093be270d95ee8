import {createRequire} from 'node:module'
import {dirname, join} from 'node:path'
import {pathToFileURL} from 'node:url'
import {type CommandClass, commands} from '../src/cli/commands.ts'
import {version} from '../src/cli/version.ts'

type CacheCommand = (command: CommandClass, plugin: undefined, respectNoCacheDefault: boolean) => Promise<Record<string, unknown>>

/** oclif.manifest.json: what help needs to know of each command, so that no command has to be loaded for it. */
export async function renderManifest(): Promise<string> {
  const cacheCommand = await loadCacheCommand()
  const cached: Record<string, unknown> = {}
  for (const id of Object.keys(commands).sort()) {
    const load = commands[id]
    if (load === undefined) continue
    const CommandClass = await load()
    CommandClass.id = id
    cached[id] = await cacheCommand(CommandClass, undefined, true)
  }
  return `${JSON.stringify({version, commands: cached}, null, 2)}\n`
}

/** What `oclif manifest` calls; it is not among the package's exports, and the tool itself cannot read a table of imports. */
async function loadCacheCommand(): Promise<CacheCommand> {
  const entry = createRequire(import.meta.url).resolve('@oclif/core')
  const module = await import(pathToFileURL(join(dirname(entry), 'util/cache-command.js')).href)
  return module.cacheCommand
}
