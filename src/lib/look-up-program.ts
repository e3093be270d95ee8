import {accessSync, constants, statSync} from 'node:fs'

/** What `exec` would make of a name: the file it runs, or why there is none, in the two words that a shell knows (127 and 126). */
export type ProgramPath = {readonly path: string} | {readonly missing: 'not found' | 'not executable'}

/** Looks a program up in `searchPath` as `execvp` does; a name with a slash is a path already, relative to `cwd`. */
export function lookUpProgram(name: string, searchPath: string, cwd = '/'): ProgramPath {
  const folders = name.includes('/') ? [''] : searchPath.split(':').map(folder => (folder === '' ? '.' : folder))
  let missing: 'not found' | 'not executable' = 'not found'
  for (const folder of folders) {
    const path = absolute(folder === '' ? name : `${folder}/${name}`, cwd)
    const kind = kindOf(path)
    if (kind === 'program') return {path}
    if (kind === 'not executable') missing = kind
  }
  return {missing}
}

function absolute(path: string, cwd: string): string {
  return path.startsWith('/') ? path : `${cwd}/${path}`
}

function kindOf(path: string): 'program' | 'not executable' | 'nothing' {
  try {
    if (!statSync(path).isFile()) return 'not executable'
    accessSync(path, constants.X_OK)
    return 'program'
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EACCES' ? 'not executable' : 'nothing'
  }
}
