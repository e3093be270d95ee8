import {lstatSync, readdirSync, type Stats} from 'node:fs'
import {join} from 'node:path'
import {type ByteName, byteName, pathOf, shownName, textOf} from '../../lib/file-name.ts'
import {openWorkTree, type WorkTree} from './git.ts'

type Env = Readonly<Record<string, string | undefined>>

/** Files of a source by their paths, some of which git tracks. */
export type Listing = {
  readonly files: readonly ByteName[]
  readonly isTracked: (path: ByteName) => boolean
  readonly warnings: readonly string[]
}

/**
 * What `git ls-files -co --exclude-standard` names and is there, with the files of its submodules. A tracked file that lies
 * behind a link by now is not there: what would be read is something else.
 */
export async function listWorkTree(tree: WorkTree, env: Env): Promise<Listing> {
  const files = new Set<ByteName>()
  const tracked = new Set<ByteName>()
  const warnings: string[] = []
  const parents = new RealFolders(tree.folder)
  for (const {path, isTracked} of await names(tree)) {
    const found = parents.look(path.replace(/\/$/, ''))
    if (found === undefined) continue
    if (found.isDirectory()) {
      const inner = isTracked ? await listSubmodule(tree, path, env) : nestedRepository(path)
      for (const file of inner.files) files.add(`${path}/${file}`)
      for (const file of inner.files) if (inner.isTracked(file)) tracked.add(`${path}/${file}`)
      warnings.push(...inner.warnings)
    } else {
      files.add(path)
      if (isTracked) tracked.add(path)
    }
  }
  return {files: [...files], isTracked: path => tracked.has(path), warnings}
}

/** `-t` puts a letter before each name; `?` are those that git does not track. */
async function names(tree: WorkTree): Promise<readonly {readonly path: ByteName; readonly isTracked: boolean}[]> {
  const output = await tree.run(['ls-files', '-z', '-t', '--cached', '--others', '--exclude-standard'])
  return output
    .toString('latin1')
    .split('\0')
    .filter(line => line.length > 2)
    .map(line => ({path: line.slice(2), isTracked: !line.startsWith('?')}))
}

/** A folder that git tracks is a submodule, unless its files were listed anyway since it was a file when it was tracked. */
async function listSubmodule({folder}: WorkTree, path: ByteName, env: Env): Promise<Listing> {
  const inner = join(folder, textOf(path))
  const isCheckedOut = lstatSync(join(inner, '.git'), {throwIfNoEntry: false}) !== undefined
  const tree = isCheckedOut ? await openWorkTree(inner, env) : undefined
  if (tree !== undefined) return prefixWarnings(path, await listWorkTree(tree, env))
  const isEmpty = readdirSync(inner).length === 0
  return nothing(
    isEmpty || isCheckedOut ? [`The submodule ${shownName(path)} is not checked out, so it is left out: git submodule update --init`] : [],
  )
}

function prefixWarnings(path: ByteName, listing: Listing): Listing {
  return {...listing, warnings: listing.warnings.map(warning => `In ${shownName(path)}: ${warning}`)}
}

/** Git names a repository within another, but not what is in it. */
function nestedRepository(path: ByteName): Listing {
  return nothing([`${shownName(path)} is a git repository of its own and no submodule, so it is left out.`])
}

function nothing(warnings: readonly string[]): Listing {
  return {files: [], isTracked: () => false, warnings}
}

/** Looks at files without passing a link on the way. */
export class RealFolders {
  readonly #root: ByteName
  readonly #known = new Map<ByteName, boolean>([['', true]])

  constructor(root: string) {
    this.#root = byteName(root)
  }

  look(path: ByteName): Stats | undefined {
    if (!this.#isFolder(parentOf(path))) return undefined
    return lstatSync(pathOf(`${this.#root}/${path}`), {throwIfNoEntry: false})
  }

  #isFolder(path: ByteName): boolean {
    const known = this.#known.get(path)
    if (known !== undefined) return known
    const isFolder = this.look(path)?.isDirectory() === true
    this.#known.set(path, isFolder)
    return isFolder
  }
}

function parentOf(path: ByteName): ByteName {
  const slashAt = path.lastIndexOf('/')
  return slashAt < 0 ? '' : path.slice(0, slashAt)
}
