import {chmodSync, existsSync, lstatSync, mkdtempSync, readFileSync, readlinkSync, realpathSync, statSync} from 'node:fs'
import {release} from 'node:os'
import {dirname} from 'node:path'
import {findProgram} from '../../../lib/find-program.ts'
import type {Shell} from './boot-script.ts'

const toolNames = ['bwrap', 'perl', 'setpriv', 'unshare', 'mount', 'mkdir', 'bash', 'sh'] as const
type ToolName = (typeof toolNames)[number]

/** What the isolation tiers need to know about this machine, read once; whether a tier works is another question, answered by trying. */
export type Machine = {
  readonly platform: NodeJS.Platform
  readonly arch: string
  readonly uid: number
  readonly gid: number
  /** Absolute paths of the tools that are there. */
  readonly tools: Readonly<Partial<Record<ToolName, string>>>
  readonly shell: Shell
  /** The system's own shell, which is there in a sandbox and for every user; PATH may lead to one in the user's home. */
  readonly systemShell: Shell
  /** Read-only folders of the system that a sandbox shows, and the links beside them (`/bin` -> `usr/bin`). */
  readonly systemFolders: readonly string[]
  readonly systemLinks: readonly (readonly [path: string, target: string])[]
  /** Whether a limit of processes counts those of one user namespace, and not all of a user's (Linux 5.14). */
  readonly countsProcessesPerNamespace: boolean
  /** Where /etc/resolv.conf really is, when that is not below /etc. */
  readonly resolverPath?: string
  /** Changes whenever what was found out by trying may have changed: kernel, boot, tools, user. */
  readonly fingerprint: string
}

const defaultSearchPath = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/** `searchPath` is the PATH of the shell; an empty one means the system's own folders. */
export function readMachine({searchPath}: {readonly searchPath: string}): Machine {
  const tools = Object.fromEntries(
    toolNames.flatMap(name => {
      const path = findTool(name, searchPath)
      return path === undefined ? [] : [[name, path]]
    }),
  ) as Machine['tools']
  const uid = process.geteuid?.() ?? -1
  const resolverPath = outsideEtc('/etc/resolv.conf')
  return {
    platform: process.platform,
    arch: process.arch,
    uid,
    gid: process.getegid?.() ?? -1,
    tools,
    shell: tools.bash === undefined ? {file: tools.sh ?? '/bin/sh', isBash: false} : {file: tools.bash, isBash: true},
    systemShell: readSystemShell(),
    countsProcessesPerNamespace: process.platform === 'linux' && isAtLeast(release(), 5, 14),
    ...readSystem(),
    ...(resolverPath === undefined ? {} : {resolverPath}),
    fingerprint: [release(), bootId(), uid, ...Object.values(tools).map(stamp)].join(' '),
  }
}

function isAtLeast(version: string, major: number, minor: number): boolean {
  const [first = 0, second = 0] = version.split('.').map(Number)
  return first > major || (first === major && second >= minor)
}

function readSystemShell(): Shell {
  const bash = ['/bin/bash', '/usr/bin/bash'].find(path => existsSync(path))
  return bash === undefined ? {file: '/bin/sh', isBash: false} : {file: bash, isBash: true}
}

/** The folders of the operating system: merged (`/bin` is a link to `usr/bin`) on most systems, apart on others. */
function readSystem(): Pick<Machine, 'systemFolders' | 'systemLinks'> {
  const folders: string[] = []
  const links: [string, string][] = []
  for (const path of ['/usr', '/bin', '/sbin', '/lib', '/lib32', '/lib64', '/libx32', '/nix/store', '/gnu/store']) {
    const kind = lstatSync(path, {throwIfNoEntry: false})
    if (kind?.isSymbolicLink()) links.push([path, readlinkSync(path)])
    else if (kind?.isDirectory()) folders.push(path)
  }
  return {systemFolders: folders, systemLinks: links}
}

/** Absolute path of a program on `searchPath`; relative folders there are not looked at. */
export function findTool(name: string, searchPath: string): string | undefined {
  const folders = (searchPath || defaultSearchPath).split(':').filter(folder => folder.startsWith('/'))
  return folders.length === 0 ? undefined : findProgram(name, {path: folders.join(':'), folder: '/'})
}

/** Where root's programs may keep a file that every user can reach: that folder and all above let others pass. */
export function isReachable(folder: string): boolean {
  const kind = statSync(folder, {throwIfNoEntry: false})
  if (kind === undefined || (kind.mode & 0o001) === 0) return false
  return folder === '/' || isReachable(dirname(folder))
}

/** `folder` when every user can reach what is in it, else a new folder that they can; not on a disk in memory. */
export function reachableFolder(folder: string): string {
  if (isReachable(folder)) return folder
  const made = mkdtempSync('/var/tmp/homeport-')
  chmodSync(made, 0o711)
  return made
}

function outsideEtc(path: string): string | undefined {
  if (!existsSync(path)) return undefined
  const real = realpathSync(path)
  return real.startsWith('/etc/') ? undefined : real
}

function stamp(path: string): string {
  return `${path}:${statSync(path, {throwIfNoEntry: false})?.mtimeMs ?? 0}`
}

function bootId(): string {
  try {
    return readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
  } catch {
    return ''
  }
}
