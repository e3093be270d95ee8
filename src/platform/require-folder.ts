import {statSync} from 'node:fs'
import {HomeportError} from '../model/error.ts'

/** Throws FLAG_INVALID unless there is a folder at `path`, in which a command is to make something. */
export function requireFolder(path: string): void {
  if (statSync(path, {throwIfNoEntry: false})?.isDirectory() === true) return
  throw new HomeportError('FLAG_INVALID', `There is no folder ${path}.`, {hint: 'Make it first, or name another place.'})
}
