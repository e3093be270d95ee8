import {realpathSync} from 'node:fs'
import {findLoggedApps, findLogOf, logFolder} from '../engines/log/log-folder.ts'
import {HomeportError} from '../model/error.ts'

export type WhichLog = {
  readonly stateDir: string
  /** Absolute path of the app's folder. */
  readonly root: string
  /** `-a NAME` */
  readonly app?: string | undefined
}

/**
 * The folder of an app's log, whether the app runs or not: the log of a folder, or that of a name. Rejects with NO_HISTORY,
 * APP_NOT_RUNNING for a name, and USAGE when several folders have an app of that name.
 */
export async function findLog({stateDir, root, app}: WhichLog): Promise<string> {
  return app === undefined ? logOfFolder(stateDir, realpathSync(root)) : logOfName(stateDir, app)
}

async function logOfFolder(stateDir: string, root: string): Promise<string> {
  const folder = await findLogOf(stateDir, root)
  if (folder !== undefined) return folder
  throw new HomeportError('NO_HISTORY', `There is no log of ${root}: no app ran there.`, {hint: 'Start it with `homeport start`.'})
}

async function logOfName(stateDir: string, name: string): Promise<string> {
  const [first, ...others] = await findLoggedApps(stateDir, name)
  if (first === undefined) {
    throw new HomeportError('APP_NOT_RUNNING', `No app named “${name}” runs here, and none has a log.`, {
      hint: 'See what runs with `homeport status`.',
    })
  }
  if (others.length === 0) return logFolder(stateDir, first)
  throw new HomeportError('USAGE', `Several apps are named ${name}: in ${[first, ...others].map(({root}) => root).join(' and ')}.`, {
    hint: 'Say which one with `--root DIR`, or type the command in its folder.',
  })
}
