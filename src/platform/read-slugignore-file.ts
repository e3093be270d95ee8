import {problemError} from '../model/problem.ts'
import {readSlugignore, type Slugignore} from '../model/slugignore.ts'
import {readAppFile} from './read-app-file.ts'

/** .slugignore of the folder `root`; without patterns when there is none. Throws SLUGIGNORE_INVALID with the place of its first error, FILE_UNREADABLE. */
export function readSlugignoreFile(root: string): Slugignore {
  const file = '.slugignore'
  const slugignore = readSlugignore(readAppFile(root, file) ?? new Uint8Array(), file)
  const error = slugignore.problems.find(({severity}) => severity === 'error')
  if (error !== undefined) throw problemError('SLUGIGNORE_INVALID', error)
  return slugignore
}
