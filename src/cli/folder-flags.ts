import {resolve} from 'node:path'
import {type FlagFiles, readFlagFiles} from '../platform/read-flag-files.ts'
import {flagVariable} from './own-variables.ts'

type Environment = Readonly<Record<string, string | undefined>>

/** The flags that files of the app's folder set, for `flagFiles` of a command. Throws what `readFlagFiles` throws. */
export function folderFlags(argv: readonly string[], env: Environment): FlagFiles {
  return readFlagFiles(resolve(flagsFolder(argv, env)))
}

/** The folder whose files set flags: that of `--root` in `argv`, which is not parsed yet at that time, else of HOMEPORT_ROOT, else the current one. */
export function flagsFolder(argv: readonly string[], env: Environment): string {
  return typedRoot(argv) ?? (env[flagVariable('root')] || '.')
}

function typedRoot(argv: readonly string[]): string | undefined {
  const end = argv.indexOf('--')
  const words = end === -1 ? argv : argv.slice(0, end)
  const at = words.findLastIndex(word => word === '--root' || word.startsWith('--root='))
  const word = words[at]
  if (word === undefined) return undefined
  return word === '--root' ? words[at + 1] : word.slice('--root='.length)
}
