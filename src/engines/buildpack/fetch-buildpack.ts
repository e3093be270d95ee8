import {execFile} from 'node:child_process'
import {access, mkdir, readdir, realpath, rename, rm, stat} from 'node:fs/promises'
import {isAbsolute, join, relative, resolve} from 'node:path'
import {promisify} from 'node:util'
import {type BuildpackRef, buildpackName} from '../../model/buildpack.ts'
import {HomeportError} from '../../model/error.ts'
import {download} from './download.ts'
import {fetchGit} from './fetch-git.ts'
import {FetchFailed, tryAgain} from './try-again.ts'
import {archiveLimits, unpackArchive} from './unpack.ts'

/** A buildpack that lies ready in a fresh, writable copy of its own. */
export type FetchedBuildpack = {
  readonly name: string
  /** The REF, without user and password. */
  readonly ref: string
  readonly commit: string | null
  readonly dir: string
}

export type FetchOptions = {
  /** Folder for this copy alone; does not exist yet. */
  readonly into: string
  /** Real path of the app: what a file of the app names lies inside. */
  readonly root: string
  /** What a path on the command line is relative to. */
  readonly cwd: string
  /** The folder with the buildpacks that Homeport brings. */
  readonly shippedDir: string
  readonly shellEnv: Readonly<Record<string, string>>
  readonly signal: AbortSignal
  readonly limitMs: number
  readonly graceMs: number
  /** A progress line: the text so far, then the whole with ` done`. */
  readonly say: (text: string) => void
}

/** How often a fetch is tried (platform.md d.3). */
const tries = 3

/** Brings a buildpack from wherever its REF says. Throws BUILDPACK_NOT_FOUND or ARCHIVE_REFUSED. */
export async function fetchBuildpack(ref: BuildpackRef, options: FetchOptions): Promise<FetchedBuildpack> {
  await mkdir(options.into, {recursive: true, mode: 0o700})
  const {dir, commit} = await bring(ref, options)
  const name = buildpackName(ref)
  for (const script of ['bin/detect', 'bin/compile']) {
    if (!(await exists(join(dir, script))))
      throw notFound(ref, `it has no ${script}`, 'A buildpack is a folder with bin/detect and bin/compile.')
  }
  return {name, ref: ref.text, commit, dir}
}

type Brought = {readonly dir: string; readonly commit: string | null}

async function bring(ref: BuildpackRef, options: FetchOptions): Promise<Brought> {
  switch (ref.kind) {
    case 'shipped':
      // The whole family: its members share the scripts in lib.
      await copyFolder(options.shippedDir, options.into)
      return {dir: join(options.into, ref.name), commit: null}
    case 'folder': {
      const dir = join(options.into, 'buildpack')
      const source = await localPath(ref, ref.path, options)
      if (!(await stat(source)).isDirectory()) throw notFound(ref, 'it is no folder')
      options.say('Copying buildpack...')
      await mkdir(dir)
      await copyFolder(source, dir)
      return {dir, commit: null}
    }
    case 'archive-file': {
      const archive = await localPath(ref, ref.path, options)
      return {dir: await unpackTo(join(options.into, 'buildpack'), archive), commit: null}
    }
    case 'archive-url':
      return {dir: await fetchArchive(ref, options), commit: null}
    case 'git':
      return cloneTo(join(options.into, 'buildpack'), ref, options)
  }
}

async function cloneTo(dir: string, ref: Extract<BuildpackRef, {kind: 'git'}>, options: FetchOptions): Promise<Brought> {
  options.say('Cloning buildpack...')
  const commit = await retried(ref, options, async signal => {
    await rm(dir, {recursive: true, force: true})
    return fetchGit(ref, dir, {shellEnv: options.shellEnv, signal, graceMs: options.graceMs})
  })
  return {dir, commit}
}

async function fetchArchive(ref: Extract<BuildpackRef, {kind: 'archive-url'}>, options: FetchOptions): Promise<string> {
  const file = join(options.into, 'buildpack.tgz')
  options.say('Fetching buildpack...')
  const {url, sha256} = ref
  await retried(ref, options, signal =>
    download(url, file, {signal, maxBytes: archiveLimits.packedBytes, env: options.shellEnv, ...(sha256 === undefined ? {} : {sha256})}),
  )
  return unpackTo(join(options.into, 'buildpack'), file)
}

async function retried<T>(
  ref: BuildpackRef,
  {signal, limitMs, say}: FetchOptions,
  attempt: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  try {
    return await tryAgain(attempt, {
      signal,
      limitMs,
      tries,
      onFailure: (failure, left) => say(`Fetching buildpack failed: ${failure.message}; trying again (${left} left)`),
    })
  } catch (error) {
    if (error instanceof FetchFailed)
      throw notFound(ref, error.message.replace(/\.$/, ''), 'Check the address and the network, then build again.', error)
    throw error
  }
}

/** Unpacks to `dir`; a single folder around everything, as GitHub makes it, is taken off. */
async function unpackTo(dir: string, archive: string): Promise<string> {
  await mkdir(dir)
  await unpackArchive(archive, dir)
  const [only, ...others] = await readdir(dir)
  if (only !== undefined && others.length === 0 && only !== 'bin' && (await exists(join(dir, only, 'bin')))) {
    await rename(dir, `${dir}.outer`)
    await rename(join(`${dir}.outer`, only), dir)
  }
  return dir
}

/** The real path of a folder or file. One named by a file of the app lies inside the app, also when links are followed. */
async function localPath(ref: BuildpackRef, path: string, {root, cwd}: FetchOptions): Promise<string> {
  const given = ref.origin.trusted ? resolve(cwd, path) : resolve(root, path)
  const real = await realpath(given).catch((cause: unknown) => {
    throw notFound(ref, `there is no ${given}`, undefined, cause)
  })
  if (!ref.origin.trusted && !isInside(real, root)) throw notFound(ref, 'a folder named in a file of the app lies inside the app')
  return real
}

function isInside(path: string, root: string): boolean {
  const way = relative(root, path)
  return way !== '..' && !way.startsWith('../') && !isAbsolute(way)
}

/** Copies what lies in `from` to the folder `to`, links as links; where the file system can, without copying bytes. */
export async function copyFolder(from: string, to: string): Promise<void> {
  const flags = process.platform === 'darwin' ? ['-cRp'] : ['-Rp']
  await promisify(execFile)('cp', [...flags, `${from}/.`, to])
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  )
}

function notFound(ref: BuildpackRef, why: string, hint?: string, cause?: unknown): HomeportError {
  return new HomeportError('BUILDPACK_NOT_FOUND', `The buildpack ${ref.text} cannot be used: ${why}.`, {
    ...(hint === undefined ? {} : {hint}),
    ...(ref.origin.trusted ? {} : {place: {file: ref.origin.file}}),
    cause,
  })
}
