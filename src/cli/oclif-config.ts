import {type Command, Config, type Interfaces} from '@oclif/core'
import manifest from '../../oclif.manifest.json' with {type: 'json'}
import packageJson from '../../package.json' with {type: 'json'}
import {commands} from './commands.ts'
import {renderVersion, version} from './version.ts'
import {withEnvironment} from './with-environment.ts'

const topics = [
  {name: 'certs', description: 'The local certificate authority of --tls.'},
  {name: 'config', description: 'Config vars of an app of the pool.'},
  {name: 'domains', description: 'Host names of an app of the pool.'},
  {name: 'features', description: 'Switch features of the running app.'},
  {name: 'maintenance', description: 'Answer every request with a maintenance page.'},
  {name: 'pool', description: 'Machines that run apps under one engine.'},
  {name: 'ps', description: 'Dynos of the running app.'},
  {name: 'slugs', description: 'Slugs in the store.'},
]

/** oclif's view of Homeport, made from what is built in: nothing is looked up on disk. */
export async function loadConfig(): Promise<Config> {
  const plugin = embeddedPlugin()
  const options = {root: '/', plugins: new Map([[plugin.name, plugin]]), userPlugins: false, devPlugins: false, jitPlugins: false}
  // It would ask the system for the user's shell and home, which fails for a uid without an entry, and read a theme from disk.
  const config = await withEnvironment({HOMEPORT_DISABLE_THEME: '1', SHELL: '/bin/sh', HOME: '/'}, () => Config.load(options))
  config.userAgent = renderVersion()
  return config
}

function embeddedPlugin(): Interfaces.Plugin {
  const {name, description, oclif} = packageJson
  const plugin: Interfaces.Plugin = {
    _base: '@oclif/core',
    alias: name,
    name,
    version,
    root: '/',
    type: 'core',
    isRoot: true,
    valid: true,
    hasManifest: true,
    moduleType: 'module',
    hooks: {},
    options: {root: '/'},
    pjson: {name, version, description, oclif} as unknown as Interfaces.PJSON,
    commandIDs: Object.keys(manifest.commands),
    commandsDir: undefined,
    topics: topics.filter(topic => Object.keys(commands).some(id => id.startsWith(`${topic.name}:`))),
    commands: [],
    load: async () => {},
    findCommand: (async (id: string) => await commands[id]?.()) as unknown as Interfaces.Plugin['findCommand'],
  }
  plugin.commands = Object.values(manifest.commands as unknown as Record<string, Command.Loadable>).map(command => ({
    ...command,
    pluginName: name,
    pluginType: 'core',
    load: () => plugin.findCommand(command.id, {must: true}),
  }))
  return plugin
}
