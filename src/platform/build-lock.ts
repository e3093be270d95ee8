import {createHash} from 'node:crypto'
import {join} from 'node:path'
import {type Lock, takeLock} from '../lib/lock.ts'
import {privateFolder} from '../lib/private-folder.ts'
import {appName} from '../model/app.ts'
import {heading} from '../model/build-text.ts'
import type {Settings} from '../model/settings.ts'

/** What the builds of an app keep and work in: its cache, its lock, the workspace of the build that runs. */
export function buildFolder(root: string, {cacheDir}: Pick<Settings, 'cacheDir'>): string {
  const key = createHash('sha256').update(root).digest('hex').slice(0, 12)
  return join(cacheDir, 'builds', `${appName(root)}-${key}`)
}

export type LockBuildOptions = {
  readonly settings: Pick<Settings, 'cacheDir'>
  readonly signal: AbortSignal
  readonly say: (line: string) => void
}

/** Waits until no other build of the app runs (platform.md d.1), and says so. Released also by kill -9. */
export function lockBuild(root: string, {settings, signal, say}: LockBuildOptions): Promise<Lock> {
  const folder = privateFolder(buildFolder(root, settings))
  return takeLock(join(folder, 'lock'), {
    signal,
    onWait: pid => say(heading(`Waiting for another build of this app to end${pid === undefined ? '' : ` (pid ${pid})`}...`)),
  })
}
