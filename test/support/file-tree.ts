import {chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, readlinkSync, symlinkSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'

/** Path -> content, `-> target` for a link, `/` for a folder; a file that can be run has a `*` at the end of its path. */
export type FileTree = Readonly<Record<string, string>>

/** Writes a tree into a folder, which is made when missing. */
export function writeTree(folder: string, tree: FileTree): string {
  mkdirSync(folder, {recursive: true})
  for (const [path, text] of Object.entries(tree)) {
    const absolute = join(folder, path.replace(/\*$/, ''))
    mkdirSync(text === '/' ? absolute : dirname(absolute), {recursive: true})
    if (text.startsWith('-> ')) symlinkSync(text.slice(3), absolute)
    else if (text !== '/') writeFileSync(absolute, text)
    if (path.endsWith('*')) chmodSync(absolute, 0o755)
  }
  return folder
}

/** All below a folder; folders only when there is nothing in them, unless `withFolders`. */
export function readTree(folder: string, {withFolders = false} = {}): FileTree {
  const tree: Record<string, string> = {}
  read('')
  return tree

  function read(path: string): void {
    const absolute = join(folder, path)
    const stats = lstatSync(absolute)
    if (stats.isSymbolicLink()) tree[path] = `-> ${readlinkSync(absolute)}`
    else if (stats.isDirectory()) {
      const names = readdirSync(absolute).sort()
      if (path !== '' && (withFolders || names.length === 0)) tree[path] = '/'
      for (const name of names) read(path === '' ? name : `${path}/${name}`)
    } else tree[(stats.mode & 0o100) === 0 ? path : `${path}*`] = readFileSync(absolute, 'utf8')
  }
}
