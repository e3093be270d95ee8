import {dirname} from 'node:path'
import type {View} from './isolation.ts'
import type {Machine} from './machine.ts'
import {insideUid} from './sandbox-files.ts'

/** Descriptors (one digit, since sh knows no more) over which the launcher hands files to bubblewrap. */
export const descriptors = {seccomp: 5, passwd: 6, group: 7, memoryLimit: 8, memoryMax: 9} as const

export type SandboxShape = {
  readonly machine: Machine
  /** False: root without user namespaces, whose program gives up root itself, inside. */
  readonly hasUserNamespace: boolean
  /** What the sandbox shows, as it is mounted now: `source` is where bubblewrap finds it. */
  readonly views: readonly View[]
  readonly workingFolder: string
  readonly network: 'shared' | 'none'
  readonly hasTerminal: boolean
  /** Whether `descriptors.memoryLimit` and `memoryMax` are open. */
  readonly tellsMemory: boolean
}

/** What the program that gives up root inside needs for that, and loses with it; the last one to reach its folder in a private home. */
const capabilitiesToGiveUpRoot = ['CAP_SETUID', 'CAP_SETGID', 'CAP_SETPCAP', 'CAP_DAC_READ_SEARCH']

/**
 * The arguments of bubblewrap for a sandbox, up to `--`: own user, pid, ipc, uts, cgroup and mount namespaces; of this machine
 * only its system folders and /etc, read-only, and `views`; own /proc, /dev, /tmp. The options are those of bubblewrap 0.8.
 * /etc is shown whole: a mount for each part of it costs 0.3 ms, and what is in it for everyone's eyes is no secret.
 */
export function sandboxArgs(shape: SandboxShape): readonly string[] {
  const {machine, views} = shape
  return [
    ...namespaceArgs(shape),
    ...machine.systemFolders.flatMap(path => ['--ro-bind', path, path]),
    ...machine.systemLinks.flatMap(([path, target]) => ['--symlink', target, path]),
    ...['--ro-bind', '/etc', '/etc'],
    ...accountArgs,
    ...resolverArgs(machine.resolverPath),
    ...kernelArgs,
    ...(shape.tellsMemory ? memoryArgs : []),
    ...views.flatMap(({source, target, isWritable}) => [...parentArgs(target), isWritable ? '--bind' : '--ro-bind', source, target]),
    ...['--remount-ro', '/', '--seccomp', String(descriptors.seccomp), '--chdir', shape.workingFolder],
  ]
}

/** A terminal's dyno keeps the terminal: without it there is no job control, and Ctrl-C would kill bubblewrap (findings 2.2). */
function namespaceArgs({hasUserNamespace, hasTerminal, network}: SandboxShape): readonly string[] {
  return [
    ...(hasUserNamespace ? ['--unshare-user', '--uid', String(insideUid), '--gid', String(insideUid)] : []),
    ...['--unshare-pid', '--unshare-ipc', '--unshare-uts', '--unshare-cgroup-try'],
    ...(network === 'none' ? ['--unshare-net'] : []),
    ...['--die-with-parent', ...(hasTerminal ? [] : ['--new-session']), '--cap-drop', 'ALL'],
    ...(hasUserNamespace ? [] : capabilitiesToGiveUpRoot.flatMap(name => ['--cap-add', name])),
  ]
}

/** Folders that bubblewrap makes by itself on the way to a target are closed to all but their owner. */
function parentArgs(target: string): readonly string[] {
  const parent = dirname(target)
  return parent === '/' ? [] : [...parentArgs(parent), '--dir', parent]
}

/** Readable for a dyno that is another user than bubblewrap, too. */
const accountArgs = [
  ...['--perms', '0644', '--ro-bind-data', String(descriptors.passwd), '/etc/passwd'],
  ...['--perms', '0644', '--ro-bind-data', String(descriptors.group), '/etc/group'],
]

const kernelArgs = [
  ...['--proc', '/proc', '--dev', '/dev', '--chmod', '1777', '/dev/shm'],
  ...['--dir', '/run', '--dir', '/var', '--symlink', '../run', '/var/run', '--symlink', '../tmp', '/var/tmp'],
]

/** A stub resolver keeps its file below /run and replaces it: the folder is shown, so that the new one is seen. */
function resolverArgs(path: string | undefined): readonly string[] {
  if (path === undefined) return []
  const shown = path.startsWith('/run/') ? dirname(path) : path
  return ['--ro-bind', shown, shown]
}

/** Where runtimes and buildpacks look how much memory a dyno has: cgroups of version 1 and 2. */
const memoryArgs = [
  ...['--file', String(descriptors.memoryLimit), '/sys/fs/cgroup/memory/memory.limit_in_bytes'],
  ...['--file', String(descriptors.memoryMax), '/sys/fs/cgroup/memory.max'],
]
