import {mkdir, readFile, rename, stat, writeFile} from 'node:fs/promises'
import {join} from 'node:path'
import {removeTree} from '../../lib/remove-tree.ts'
import {envFiles} from '../../model/build-env.ts'
import {copyFolder} from './fetch-buildpack.ts'

/** The folders of one build, all private to it; everything but the cache is thrown away at its end. */
export type Workspace = {
  /** Not there yet: the source is copied to it. */
  readonly buildDir: string
  readonly cacheDir: string
  readonly envDir: string
  /** A buildpack gets a folder of its own below it. */
  readonly packsDir: string
  /** For what else the build needs while it runs. */
  readonly dir: string
  /** Keeps what the build left in CACHE_DIR; never called when it failed (findings 5.1, rule 7). */
  keepCache(): Promise<void>
} & AsyncDisposable

export type WorkspaceOptions = {
  /** The folder of this app's builds; whoever opens a workspace holds the lock on it. */
  readonly dir: string
  /** Where the folders of this build are made, when not in `dir`: a place that the user who builds can reach. */
  readonly workDir?: string
  readonly stack: string
  readonly clearCache: boolean
  readonly configVars: ReadonlyMap<string, string>
}

/** Makes the folders of a build. What an earlier one that was killed left is removed first. */
export async function openWorkspace({dir, workDir, stack, clearCache, configVars}: WorkspaceOptions): Promise<Workspace> {
  const work = workDir ?? join(dir, 'work')
  const kept = new KeptCache(dir, stack)
  await removeTree(work)
  await mkdir(work, {recursive: true, mode: 0o711})
  if (clearCache) await kept.clear()
  const folder = async (name: string) => {
    const path = join(work, name)
    await mkdir(path, {recursive: true, mode: 0o700})
    return path
  }
  const workspace = {
    buildDir: join(work, 'build'),
    cacheDir: await folder('cache'),
    envDir: await folder('env'),
    packsDir: await folder('buildpacks'),
    dir: work,
  }
  await kept.copyTo(workspace.cacheDir)
  await writeEnvDir(workspace.envDir, configVars)
  return {
    ...workspace,
    keepCache: () => kept.replaceBy(workspace.cacheDir),
    [Symbol.asyncDispose]: () => removeTree(work),
  }
}

/** One file per config var: its value, without a newline added (platform.md d.3). */
async function writeEnvDir(dir: string, configVars: ReadonlyMap<string, string>): Promise<void> {
  for (const [name, value] of envFiles(configVars)) await writeFile(join(dir, name), value, {mode: 0o600})
}

/** CACHE_DIR between the builds of an app; one made for another stack counts for nothing. */
class KeptCache {
  readonly #dir: string
  readonly #stackFile: string
  readonly #next: string
  readonly #stack: string

  constructor(appDir: string, stack: string) {
    this.#dir = join(appDir, 'cache')
    this.#stackFile = join(appDir, 'cache-stack')
    this.#next = join(appDir, 'cache-next')
    this.#stack = stack
  }

  async clear(): Promise<void> {
    await removeTree(this.#dir)
  }

  async copyTo(dir: string): Promise<void> {
    await removeTree(this.#next)
    const stack = await readFile(this.#stackFile, 'utf8').catch(() => '')
    if (stack !== this.#stack) await this.clear()
    if (await isFolder(this.#dir)) await copyFolder(this.#dir, dir)
  }

  /** Killed between the two renames, the next build begins with an empty cache, never with half of one. */
  async replaceBy(dir: string): Promise<void> {
    await move(dir, this.#next)
    await writeFile(this.#stackFile, this.#stack, {mode: 0o600})
    await this.clear()
    await rename(this.#next, this.#dir)
  }
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    found => found.isDirectory(),
    () => false,
  )
}

/** Also to another disk. */
async function move(from: string, to: string): Promise<void> {
  try {
    await rename(from, to)
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'EXDEV')) throw error
    await mkdir(to, {mode: 0o700})
    await copyFolder(from, to)
  }
}
