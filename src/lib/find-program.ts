import {accessSync, constants, statSync} from 'node:fs'
import {resolve} from 'node:path'

/**
 * The file that a shell in `folder` would run for `program`: a path is taken as it is, a bare name is looked for in the folders of
 * `path` (`$PATH`; an empty part is the folder itself). Nothing when there is no such executable file.
 */
export function findProgram(program: string, {path, folder}: {path: string; folder: string}): string | undefined {
  if (program.includes('/')) return isExecutable(resolve(folder, program)) ? resolve(folder, program) : undefined
  for (const part of path.split(':')) {
    const candidate = resolve(folder, part, program)
    if (isExecutable(candidate)) return candidate
  }
  return undefined
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK)
    return statSync(file).isFile()
  } catch {
    return false
  }
}
