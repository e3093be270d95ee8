import {createHash} from 'node:crypto'
import {readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {lockFile} from '../lib/file-lock.ts'
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

/** Waits until no other build of the app runs (platform.md d.1), and says so. The lock ends with us, also by kill -9. */
export async function lockBuild(root: string, {settings, signal, say}: LockBuildOptions): Promise<Disposable> {
  const path = join(privateFolder(buildFolder(root, settings)), 'lock')
  const holder = `${path}.pid`
  let lock = await lockFile(path, {mode: 'exclusive', signal})
  if (lock === undefined) {
    say(heading(`Waiting for another build of this app to end${readPid(holder)}...`))
    while (lock === undefined) lock = await lockFile(path, {mode: 'exclusive', waitMs: Number.POSITIVE_INFINITY, signal})
  }
  writeFileSync(holder, String(process.pid), {mode: 0o600})
  const taken = lock
  return {
    [Symbol.dispose]() {
      rmSync(holder, {force: true})
      taken[Symbol.dispose]()
    },
  }
}

function readPid(file: string): string {
  try {
    const text = readFileSync(file, 'utf8')
    return /^\d+$/.test(text) ? ` (pid ${text})` : ''
  } catch {
    return ''
  }
}
