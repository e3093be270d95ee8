import {type Glob, matchesGlob, readGlob} from '../lib/glob.ts'
import {type Problem, type ProblemLog, problemLog} from './problem.ts'
import {readSourceText} from './source-text.ts'

/** The patterns of a .slugignore, ready for matching. */
export type Slugignore = {readonly file: string; readonly patterns: readonly SlugignorePattern[]; readonly problems: readonly Problem[]}
export type SlugignorePattern = {
  readonly text: string
  readonly line: number
  readonly globs: readonly Glob[]
}

/** More patterns than this are no list of a human; each is tried on each file. */
const maxPatterns = 1000

/**
 * Reads a .slugignore (platform.md d.2): one Ruby `Dir[]` glob a line, blank lines and `#` lines skipped; a pattern with a slash
 * is anchored at the root, one without matches in any folder; no `!` negation.
 */
export function readSlugignore(bytes: Uint8Array, file = '.slugignore'): Slugignore {
  const source = readSourceText(file, bytes)
  const log = problemLog(file, source.problems)
  const patterns: SlugignorePattern[] = []
  for (const [index, line] of source.text.split('\n').entries()) {
    const text = line.trim()
    if (text === '' || text.startsWith('#')) continue
    const pattern = readPattern(text, index + 1, log)
    if (pattern === undefined) continue
    if (patterns.length < maxPatterns) patterns.push(pattern)
    else
      log.addOnce({line: index + 1, column: 1}, 'error', 'too-many-patterns', `More than ${maxPatterns} patterns; the rest does not count.`)
  }
  return {file, patterns, problems: log.problems()}
}

/**
 * Whether the slug goes without a path: `isIgnored('log/a.txt')`. A file goes with any folder above it, since folders are
 * removed whole. Paths are relative to the root, with `/` between the names; `isFolder` says that the path itself is a folder.
 */
export function slugignoreMatcher({patterns}: Pick<Slugignore, 'patterns'>): (path: string, isFolder?: boolean) => boolean {
  const folders = new Map<string, boolean>()
  const matches = (path: string, isFolder: boolean): boolean =>
    patterns.some(({globs}) => globs.some(glob => matchesGlob(glob, path, isFolder)))

  function isFolderIgnored(folder: string): boolean {
    const known = folders.get(folder)
    if (known !== undefined) return known
    const slashAt = folder.lastIndexOf('/')
    const isIgnored = (slashAt > 0 && isFolderIgnored(folder.slice(0, slashAt))) || matches(folder, true)
    folders.set(folder, isIgnored)
    return isIgnored
  }

  return (path, isFolder = false) => {
    if (patterns.length === 0) return false
    if (isFolder) return isFolderIgnored(path)
    const slashAt = path.lastIndexOf('/')
    return (slashAt > 0 && isFolderIgnored(path.slice(0, slashAt))) || matches(path, false)
  }
}

function readPattern(text: string, line: number, log: ProblemLog): SlugignorePattern | undefined {
  const at = {line, column: 1}
  if (text.startsWith('!')) {
    log.add(at, 'warning', 'no-negation', 'A “!” negates nothing in .slugignore; the pattern matches names that begin with it.', {
      fix: 'Name what shall go instead.',
    })
  }
  if (text.split('/').some(name => name === '..')) {
    log.add(at, 'error', 'outside-of-app', 'A pattern that climbs out with .. matches nothing in the app.', {
      fix: 'Write the path from the root of the app.',
    })
    return undefined
  }
  const anchored = readGlob(text)
  const anywhere = text.includes('/') ? undefined : readGlob(`**/${text}`)
  if (anchored === undefined) {
    log.add(at, 'error', 'too-many-choices', 'The braces of this pattern stand for too many names.', {fix: 'Write several lines.'})
    return undefined
  }
  return {text, line, globs: anywhere === undefined ? [anchored] : [anchored, anywhere]}
}
