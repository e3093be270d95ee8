import {readFileSync} from 'node:fs'
import {dirname, join} from 'node:path'

/** A cgroup file system that is mounted here. */
export type Mount = {readonly version: 1 | 2; readonly controllers: readonly string[]; readonly root: string; readonly at: string}
/** Controller (empty for version 2) -> path of this process's cgroup in that hierarchy. */
export type OwnCgroups = ReadonlyMap<string, string>

/** The cgroup file systems that are mounted here. */
export function readMounts(text = read('/proc/self/mountinfo')): readonly Mount[] {
  const lines = (text ?? '').split('\n')
  return lines.flatMap((line): readonly Mount[] => {
    const [before = '', after = ''] = line.split(' - ')
    const [, , , root = '', at = ''] = before.split(' ')
    const [type, , options = ''] = after.split(' ')
    if (type === 'cgroup') return [{version: 1, controllers: options.split(','), root, at}]
    return type === 'cgroup2' ? [{version: 2, controllers: [], root, at}] : []
  })
}

export function readOwnCgroups(text = read('/proc/self/cgroup')): OwnCgroups {
  const lines = (text ?? '').trim().split('\n')
  return new Map(
    lines.flatMap(line => {
      const [, names = '', ...path] = line.split(':')
      return names.split(',').map(name => [name, path.join(':')] as const)
    }),
  )
}

/** The folder of this process's cgroup in the hierarchy (version 1) of a controller. */
export function placeIn(mounts: readonly Mount[], own: OwnCgroups, controller: string): string | undefined {
  const mount = mounts.find(({version, controllers: found}) => version === 1 && found.includes(controller))
  const path = own.get(controller)
  return mount === undefined || path === undefined ? undefined : pathIn(mount, path)
}

/**
 * The cgroup of this process and those above it that hand memory and pids down: below its own nothing can be limited while it
 * holds processes, but a desktop session's `app.slice` or, for root, any slice can take a sibling.
 */
export function version2Places(mounts: readonly Mount[], own: OwnCgroups): readonly string[] {
  const mount = mounts.find(({version}) => version === 2)
  const path = own.get('')
  if (mount === undefined || path === undefined) return []
  const places: string[] = []
  for (let folder = pathIn(mount, path); folder.startsWith(mount.at); folder = dirname(folder)) {
    const handed = (read(join(folder, 'cgroup.subtree_control')) ?? '').split(/\s+/)
    if (['memory', 'pids'].every(controller => handed.includes(controller))) places.push(folder)
  }
  return places
}

/** A container sees its own part of the hierarchy: `root` of the mount is cut from the path. */
function pathIn({root, at}: Mount, path: string): string {
  if (root === '/') return join(at, path)
  return path === root || path.startsWith(`${root}/`) ? join(at, path.slice(root.length)) : at
}

function read(file: string): string | undefined {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return undefined
  }
}
