import {existsSync, realpathSync} from 'node:fs'
import {dirname} from 'node:path'
import type {DynoSpec} from '../../../model/dyno.ts'
import type {View} from './isolation.ts'

/** Shown by every sandbox anyway. */
const systemFolders = ['/usr', '/bin', '/sbin', '/lib', '/lib64', '/etc', '/nix/store', '/gnu/store']

/** Names of folders that hold the programs of a tool and nothing else: the tool itself is the folder above. */
const programFolders = new Set(['bin', 'sbin', 'shims'])

/**
 * What a folder's dyno sees in a sandbox: its folder, where it is and writable, as a developer expects; an empty HOME
 * (`emptyHome`) in the place of the user's; and, read-only, the tools that PATH leads to (a Node below ~/.nvm, a Python below
 * ~/.pyenv), for without them nothing starts. The rest of the home, other projects and Homeport's state are hidden.
 */
export function folderViews(spec: DynoSpec, emptyHome: string): readonly View[] {
  const home = spec.env['HOME']
  const homeView: readonly View[] =
    home?.startsWith('/') && home !== '/' ? [{source: emptyHome, target: home, kind: 'folder', isWritable: true}] : []
  const tools = toolFolders(spec.env['PATH'] ?? '', home ?? '')
  return [
    ...homeView,
    ...tools.map((path): View => ({source: path, target: path, kind: 'folder', isWritable: false})),
    {source: realpathSync(spec.cwd), target: spec.cwd, kind: 'folder', isWritable: true},
  ]
}

/** The tools on `searchPath` outside of the system, outermost first and none inside another. */
export function toolFolders(searchPath: string, home: string, exists: (path: string) => boolean = existsSync): readonly string[] {
  const found = searchPath
    .split(':')
    .filter(path => path.startsWith('/') && exists(path))
    .map(path => toolFolder(path.replace(/\/+$/, ''), home))
    .filter(path => path !== '/' && !systemFolders.some(system => isWithin(path, system)))
  const unique = [...new Set(found)].sort()
  return unique.filter(path => !unique.some(other => other !== path && isWithin(path, other)))
}

/** `~/.nvm/versions/node/v24/bin` -> `~/.nvm/versions/node/v24`; but never the home itself or a folder that others share with it. */
function toolFolder(path: string, home: string): string {
  const above = dirname(path)
  const isProgramFolder = programFolders.has(path.slice(above.length + 1))
  const isShared = above === home || above === `${home}/.local` || above === '/' || above === '/opt' || isWithin(home, above)
  return isProgramFolder && !isShared ? above : path
}

function isWithin(path: string, folder: string): boolean {
  return path === folder || path.startsWith(`${folder}/`)
}
