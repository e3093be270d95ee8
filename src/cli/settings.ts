import {statSync} from 'node:fs'
import {tmpdir, userInfo} from 'node:os'
import {isAbsolute, join, resolve} from 'node:path'
import {checkPrivateFolder} from '../lib/private-folder.ts'
import {HomeportError} from '../model/error.ts'
import type {Settings} from '../model/settings.ts'
import {isOwnVariable, keptName, keptVariables} from './own-variables.ts'

type Environment = Readonly<Record<string, string | undefined>>

export type SettingsSource = {
  readonly env: Environment
  readonly platform: NodeJS.Platform
  /** The argv that starts this very program again. */
  readonly self: readonly string[]
}

/**
 * What the environment says about Homeport itself (cli.md section 1). Makes no folder, but throws UnsafeFolderError when
 * HOMEPORT_HOME is there and not ours alone, and FLAG_INVALID for a time scale that is no positive number.
 */
export function readSettings({env, platform, self}: SettingsSource): Settings {
  return {
    ...readFolders(env, platform),
    timeScale: readTimeScale(env['HOMEPORT_TIME_SCALE']),
    debug: isOn(env['HOMEPORT_DEBUG']),
    self,
    shellEnv: shellEnvironment(env),
  }
}

/** Settings of this process. */
export function ownSettings(): Settings {
  return readSettings({env: process.env, platform: process.platform, self: ownArgv()})
}

/** A switch in the environment is on unless it is empty, `0` or `false`. */
export function isOn(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value.toLowerCase() !== 'false'
}

function ownArgv(): readonly string[] {
  const {isSea} = process.getBuiltinModule('node:sea')
  return isSea() ? [process.execPath] : [process.execPath, process.argv[1] ?? '']
}

type Folders = Pick<Settings, 'stateDir' | 'cacheDir' | 'runtimeDir' | 'shortRuntimeDirs'>

function readFolders(env: Environment, platform: NodeJS.Platform): Folders {
  const sessionDir = absolutePath(env['XDG_RUNTIME_DIR'])
  const shortRuntimeDirs = [...(sessionDir === undefined ? [] : [join(sessionDir, 'homeport')]), `/tmp/homeport-${userId()}`]
  if ((env['HOMEPORT_HOME'] ?? '') !== '') {
    const home = resolve(env['HOMEPORT_HOME'] ?? '')
    checkPrivateFolder(home)
    return {stateDir: join(home, 'state'), cacheDir: join(home, 'cache'), runtimeDir: join(home, 'run'), shortRuntimeDirs}
  }
  const user = userFolder(env)
  if (platform === 'darwin') {
    const support = join(user, 'Library/Application Support/homeport')
    return {stateDir: support, cacheDir: join(user, 'Library/Caches/homeport'), runtimeDir: join(support, 'run'), shortRuntimeDirs}
  }
  const stateDir = join(absolutePath(env['XDG_STATE_HOME']) ?? join(user, '.local/state'), 'homeport')
  const cacheDir = join(absolutePath(env['XDG_CACHE_HOME']) ?? join(user, '.cache'), 'homeport')
  return {stateDir, cacheDir, runtimeDir: sessionDir === undefined ? join(stateDir, 'run') : join(sessionDir, 'homeport'), shortRuntimeDirs}
}

/** HOME, else what the machine knows of the user, else a folder of theirs in the temporary one. */
function userFolder(env: Environment): string {
  const home = absolutePath(env['HOME'])
  if (home !== undefined) return home
  const known = knownHome()
  return known !== undefined && isFolder(known) ? known : join(tmpdir(), `homeport-${userId()}`)
}

function knownHome(): string | undefined {
  try {
    return userInfo().homedir
  } catch {
    return undefined // a uid without an entry, as in many containers
  }
}

function isFolder(path: string): boolean {
  return statSync(path, {throwIfNoEntry: false})?.isDirectory() ?? false
}

function userId(): number {
  return process.geteuid?.() ?? 0
}

/** XDG: a relative path is to be ignored. */
function absolutePath(path: string | undefined): string | undefined {
  return path !== undefined && isAbsolute(path) ? path : undefined
}

function readTimeScale(text: string | undefined): number {
  if (text === undefined || text === '') return 1
  const scale = Number(text)
  if (Number.isFinite(scale) && scale > 0) return scale
  throw new HomeportError('FLAG_INVALID', `HOMEPORT_TIME_SCALE is “${text}”, which is no positive number.`, {
    hint: 'Give a factor such as 0.01, or unset it.',
  })
}

/** Without Homeport's own settings, and with the variables of Node that the launcher kept away from our own. */
function shellEnvironment(env: Environment): Readonly<Record<string, string>> {
  const shell: Record<string, string> = {}
  for (const [name, value] of Object.entries(env)) if (value !== undefined && !isOwnVariable(name)) shell[name] = value
  for (const variable of keptVariables) {
    const kept = env[keptName(variable)]
    if (kept === '') delete shell[variable]
    else if (kept !== undefined) shell[variable] = kept
  }
  return shell
}
