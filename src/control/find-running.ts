import {realpathSync} from 'node:fs'
import {dirname} from 'node:path'
import {type RunningEntry, readEntries} from '../engines/registry/running-entry.ts'
import {isListening} from '../lib/is-listening.ts'
import {checkPrivateFolder} from '../lib/private-folder.ts'
import {HomeportError} from '../model/error.ts'
import type {Settings} from '../model/settings.ts'

export type WhichApp = {
  /** Absolute path of a folder. */
  readonly root: string
  /** `-a NAME`: an app by its name, wherever it runs. */
  readonly app?: string | undefined
  readonly settings: Pick<Settings, 'runtimeDir'>
}

/**
 * The app that runs in a folder, or under a name. Rejects with NOTHING_RUNNING, with APP_NOT_RUNNING for a name, and with
 * USAGE when two folders run an app of that name.
 */
export async function findRunning({root, app, settings}: WhichApp): Promise<RunningEntry> {
  const folder = realFolder(root)
  const running = await listRunning(settings, entry => (app === undefined ? entry.root === folder : entry.name === app))
  const [first, second] = running
  if (first !== undefined && second === undefined) return first
  if (first !== undefined) {
    throw new HomeportError('USAGE', `Several apps named ${app} are running: in ${running.map(entry => entry.root).join(' and ')}.`, {
      hint: 'Say which one with `--root DIR`, or type the command in its folder.',
    })
  }
  if (app === undefined)
    throw new HomeportError('NOTHING_RUNNING', `No app is running in ${folder}.`, {hint: 'Start it with `homeport start`.'})
  throw new HomeportError('APP_NOT_RUNNING', `No app named “${app}” is running.`, {hint: 'See what runs with `homeport status`.'})
}

/**
 * The apps that run on this machine, by name: those whose socket answers. What a killed process left is passed over, and
 * cleared away by the next `start`. Rejects with UnsafeFolderError when another user could have put something there.
 */
export async function listRunning(
  {runtimeDir}: Pick<Settings, 'runtimeDir'>,
  isWanted: (entry: RunningEntry) => boolean = () => true,
): Promise<readonly RunningEntry[]> {
  checkPrivateFolder(runtimeDir)
  const wanted = readEntries(runtimeDir).filter(({entry}) => isWanted(entry))
  const answers = await Promise.all(
    wanted.map(async found => {
      checkPrivateFolder(dirname(found.entry.socket))
      return (await isListening(found.entry.socket)) ? [found.entry] : []
    }),
  )
  return answers.flat().toSorted((a, b) => compare(a.name, b.name) || compare(a.root, b.root))
}

/** `/tmp/hello` may be a link: an app is known by the real path of its folder. */
function realFolder(path: string): string {
  try {
    return realpathSync(path)
  } catch {
    return path
  }
}

function compare(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0
}
