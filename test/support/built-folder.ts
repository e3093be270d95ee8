import {cpSync, rmSync} from 'node:fs'
import {join} from 'node:path'
import {openPlainRoom} from '../../src/engines/buildpack/build-room.ts'
import type {BuildOptions} from '../../src/platform/build-options.ts'
import {buildOptions} from './build-app.ts'
import {digestOf, withoutNetwork} from './built-app.ts'

/** Everything that would go out goes to a port that refuses it, and where that can be had there is no network at all. */
const refused = Object.fromEntries(
  ['HTTP_PROXY', 'HTTPS_PROXY', 'http_proxy', 'https_proxy', 'ALL_PROXY'].map(name => [name, 'http://127.0.0.1:1']),
)

export type BuiltFolder = {
  readonly options: BuildOptions
  readonly output: () => string
  /** What the last build gave to the store. */
  readonly built: string
  /** Of what each build gave to the store. */
  readonly digests: readonly string[]
}

/** Options of a build whose slug is a folder: `built`, below `folder`. */
export function inBuiltFolder(folder: string, {offline = false}: {readonly offline?: boolean} = {}): BuiltFolder {
  const built = join(folder, 'built')
  const digests: string[] = []
  const {options, output} = buildOptions(folder)
  const noNetwork = offline ? withoutNetwork() : []
  return {
    output,
    built,
    digests,
    options: {
      ...options,
      settings: {...options.settings, shellEnv: {...process.env, ...(offline ? refused : {})} as Record<string, string>},
      openRoom: async ({dir}) => {
        const room = await openPlainRoom(dir)
        return {...room, wrap: command => room.wrap({...command, argv: [...noNetwork, ...command.argv]})}
      },
      storeSlug: async (dir, facts) => {
        digests.push(digestOf(dir))
        rmSync(built, {recursive: true, force: true})
        cpSync(dir, built, {recursive: true, verbatimSymlinks: true})
        return options.storeSlug(dir, facts)
      },
    },
  }
}
