import {readdirSync, readFileSync} from 'node:fs'
import {join} from 'node:path'
import {type ByteName, byteName, inByteOrder, pathOf, shownName, textOf} from '../../lib/file-name.ts'
import {HomeportError, renderPlace} from '../../model/error.ts'
import {throwStopping, warningsAtStart} from '../../model/problem.ts'
import {readSlugignore, slugignoreMatcher} from '../../model/slugignore.ts'
import {sourceRule} from '../../model/source-rules.ts'
import {openWorkTree, type WorkTree} from './git.ts'
import {type Listing, listWorkTree, RealFolders} from './list-work-tree.ts'

/** What a build begins with: paths below `folder` in bytewise order, links and files alike. */
export type Source = {
  readonly folder: string
  readonly files: readonly ByteName[]
  readonly warnings: readonly string[]
  /** Files that `.slugignore` took away. */
  readonly ignoredFiles: number
  /** The commit that is checked out, whether or not files differ from it; undefined outside of git. */
  readonly commit?: string
}

export type ListSourceOptions = {
  /** The shell's environment, for git. */
  readonly env: Readonly<Record<string, string | undefined>>
  /** Folders that are never part of a source, as absolute paths: Homeport's own. */
  readonly exclude?: readonly string[]
}

/**
 * Lists the source in an app's folder (cli.md section 7): in a git work tree what git names, elsewhere all files; without the
 * files that never go into a slug, and without what `.slugignore` names. Rejects with FILE_UNREADABLE, TOOL_MISSING.
 */
export async function listSource(folder: string, {env, exclude = []}: ListSourceOptions): Promise<Source> {
  const tree = await openWorkTree(folder, env)
  const listing = tree === undefined ? listFolder(folder, exclude) : await listTree(tree, {env, exclude})
  const commit = (await tree?.ask(['rev-parse', '--quiet', '--verify', 'HEAD^{commit}']))?.toString().trim()
  const inside = exclude.map(path => `${byteName(path)}/`)
  const files = listing.files.filter(path => !inside.some(other => `${byteName(folder)}/${path}`.startsWith(other)))
  return {folder, ...chooseFiles(folder, {...listing, files}), ...(commit === undefined ? {} : {commit})}
}

/** A folder that its repository ignores as a whole is no part of that repository's app. */
async function listTree(tree: WorkTree, {env, exclude}: Required<ListSourceOptions>): Promise<Listing> {
  const listing = await listWorkTree(tree, env)
  if (listing.files.length > 0 || (await tree.ask(['check-ignore', '--quiet', '.'])) === undefined) return listing
  const warning = 'The git repository around this folder ignores it, so all its files are taken.'
  const all = listFolder(tree.folder, exclude)
  return {...all, warnings: [warning, ...all.warnings]}
}

/** All files below a folder that may be part of a source. */
function listFolder(folder: string, exclude: readonly string[]): Listing {
  const excluded = new Set(exclude.map(byteName))
  const isPassed = (path: ByteName) => sourceRule(path) === 'left out' || excluded.has(`${byteName(folder)}/${path}`)
  return {files: walkFiles(folder, isPassed), isTracked: () => false, warnings: []}
}

/** Paths of all files below a folder but for what `isPassed` names, with all below it; links are not followed. */
export function walkFiles(folder: string, isPassed: (path: ByteName) => boolean = () => false): readonly ByteName[] {
  const files: ByteName[] = []
  walk(byteName(folder), '')
  return files

  function walk(absolute: ByteName, prefix: ByteName): void {
    for (const entry of readFolder(absolute)) {
      const path = prefix + entry.name
      if (isPassed(path)) continue
      if (entry.isDirectory()) walk(`${absolute}/${entry.name}`, `${path}/`)
      else files.push(path)
    }
  }
}

function readFolder(absolute: ByteName) {
  try {
    return readdirSync(pathOf(absolute), {withFileTypes: true, encoding: 'latin1'})
  } catch (cause) {
    const {code} = cause as NodeJS.ErrnoException
    if (code !== 'EACCES' && code !== 'EPERM') throw cause
    throw new HomeportError('FILE_UNREADABLE', `The folder ${shownName(absolute)} cannot be read.`, {
      hint: 'Make it readable for this user, or move it out of the app.',
      cause,
    })
  }
}

/** The rules of the contract, then `.slugignore`. */
export function chooseFiles(folder: string, {files, isTracked, warnings}: Listing): Pick<Source, 'files' | 'warnings' | 'ignoredFiles'> {
  const envFiles: ByteName[] = []
  const taken = files.filter(path => {
    const rule = sourceRule(path)
    if (rule !== 'taken only when tracked' || !isTracked(path)) return rule === 'taken'
    envFiles.push(path)
    return true
  })
  const ignore = readIgnored(folder, taken)
  const kept = taken.filter(path => !ignore.isIgnored(path))
  const envWarnings = envFiles
    .filter(path => !ignore.isIgnored(path))
    .map(path => `${shownName(path)} is tracked by git, so it becomes part of the slug with all that it says.`)
  return {
    files: kept.sort(inByteOrder),
    ignoredFiles: taken.length - kept.length,
    warnings: [...warnings, ...envWarnings, ...ignore.warnings],
  }
}

/** The patterns of the app's `.slugignore`, when that is part of the source. */
function readIgnored(
  folder: string,
  files: readonly ByteName[],
): {readonly isIgnored: (path: ByteName) => boolean; readonly warnings: readonly string[]} {
  const name = '.slugignore'
  if (!files.includes(name) || new RealFolders(folder).look(name)?.isFile() !== true) return {isIgnored: () => false, warnings: []}
  const slugignore = readSlugignore(readFileSync(join(folder, name)), name)
  throwStopping('SLUGIGNORE_INVALID', slugignore.problems)
  const isIgnored = slugignoreMatcher(slugignore)
  return {
    isIgnored: path => isIgnored(textOf(path)),
    warnings: warningsAtStart(slugignore.problems).map(problem => `${renderPlace(problem)}: ${problem.message}`),
  }
}
