import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import ignore, {type Ignore} from 'ignore'

/** Which paths (relative, with `/`; a folder may end in `/`) the `.gitignore` files of a folder and of its subfolders leave out. */
export function gitIgnoreRules(root: string): (path: string) => boolean {
  const rulesOf = new Map<string, Ignore | undefined>()
  const rules = (folder: string): Ignore | undefined => {
    if (!rulesOf.has(folder)) rulesOf.set(folder, readRules(join(root, folder, '.gitignore')))
    return rulesOf.get(folder)
  }
  return path => {
    const parts = path.split('/')
    let isIgnored = false
    for (let depth = 0; depth < parts.length; depth++) {
      const below = parts.slice(depth).join('/')
      const verdict = below === '' ? undefined : rules(parts.slice(0, depth).join('/'))?.test(below)
      if (verdict?.ignored) isIgnored = true
      if (verdict?.unignored) isIgnored = false
    }
    return isIgnored
  }
}

function readRules(file: string): Ignore | undefined {
  try {
    return ignore().add(readFileSync(file, 'utf8'))
  } catch {
    return undefined
  }
}
