import {isBinary} from './assets.ts'
import {setAddonFolders} from './native-addon.ts'

export type Pty = typeof import('@lydell/node-pty')

/**
 * node-pty, with its addon. The binary has to put the addon on disk before the system can load it: in the first usable one of
 * `cacheFolders`.
 */
export async function loadPty(cacheFolders: readonly string[]): Promise<Pty> {
  if (isBinary()) setAddonFolders(cacheFolders)
  const module: Pty & {readonly default?: Pty} = await import('@lydell/node-pty')
  return module.default ?? module
}
