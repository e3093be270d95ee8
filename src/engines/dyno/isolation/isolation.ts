import type {CommandLine, DynoSpec} from '../../../model/dyno.ts'
import type {RegistryNetwork} from '../../../model/registries.ts'
import type {CgroupHost} from '../cgroup.ts'

/** How strongly a dyno is kept apart, strongest first. */
export const tiers = ['sandbox', 'own-uid', 'process'] as const
export type Tier = (typeof tiers)[number]

/** Whether a tier works on this machine, found out by trying; if not, why, and what mends it. */
export type Probe = {readonly works: true} | {readonly works: false; readonly reason: string; readonly fix: string}

/** Where rooms are made, and with what. */
export type Place = {
  /** A folder of this Homeport process, on a disk; each room is a folder in it. */
  readonly roomsFolder: string
  /** Where memory and processes can be limited; absent where they cannot. */
  readonly cgroups?: CgroupHost
}

/** A file or folder of this machine that a sandbox shows; `overlay`: a room's copy-on-write disk, `source` is the room. */
export type View = {
  readonly source: string
  readonly target: string
  readonly kind: 'folder' | 'file' | 'overlay'
  readonly isWritable: boolean
}

/**
 * What was made for one dyno before it starts: its disk, its user, its cgroups. Plain data, kept beside the dyno's pid file, so
 * that whoever comes after a crash can remove all of it.
 */
export type Room = {
  readonly tier: Tier
  /** Goes away with the dyno, and all in it; absent when the dyno needs nothing of its own. */
  readonly folder?: string
  /** A second folder, where the dyno's user can reach it, when `folder` lies below one that is closed to him. */
  readonly reachableFolder?: string
  /** `folder`: the app's folder itself; `overlay`: copy-on-write over the slug; `copy`: a private copy of the slug. */
  readonly disk: 'folder' | 'overlay' | 'copy'
  /** The app's folder as the dyno sees it: `/app` in a sandbox. */
  readonly appFolder: string
  /** HOME, where the tier gives the dyno one. */
  readonly home?: string
  /** The user that the kernel knows, when it is not Homeport's own. */
  readonly user?: {readonly uid: number; readonly gid: number}
  /** Folders of the dyno's own cgroups. */
  readonly cgroups: readonly string[]
  /** Whether one of them counts processes. */
  readonly countsProcesses: boolean
  readonly views: readonly View[]
  /** Descriptor -> file that is opened for the launcher. */
  readonly inputs: Readonly<Record<number, string>>
}

/** A room with what only this process can give back (a uid). */
export type OpenRoom = AsyncDisposable & {readonly room: Room}

/** A command to run inside a dyno that is up (`ps:exec`). */
export type EnterRequest = {
  /** A process inside: one of the dyno that is no helper. */
  readonly pid: number
  readonly command: string | readonly string[]
  /** The dyno's environment with what the terminal adds (TERM). */
  readonly env: Readonly<Record<string, string>>
}

/**
 * What a build may see and do: beside the system only `views`, a HOME and a /tmp of its own. Where the tier can show a folder
 * elsewhere the program finds it at `target`, else at `source`: ask `pathInside`.
 */
export type BuildSpec = {
  readonly views: readonly Omit<View, 'kind'>[]
  /** `none`: not even the machine's own addresses. A list of registries (`registryNetwork`): those and nothing else. */
  readonly network: 'all' | 'none' | RegistryNetwork
}

/** One program of a build, with exactly this environment beside HOME and TMPDIR; paths as `pathInside` tells them. */
export type BuildCommand = {
  readonly argv: readonly string[]
  readonly env: Readonly<Record<string, string>>
  readonly workingFolder: string
}

/** The seam of the isolation tiers: one file each, listed in catalog.ts. */
export type Isolation = {
  readonly tier: Tier
  /**
   * Generations of processes, from the one that was spawned on, that belong to the isolation and not to the dyno: they must
   * not get its signals (findings 2.3: SIGTERM to bwrap kills the app at once).
   */
  readonly helperGenerations: number
  /** Makes the room of a dyno for one start: a restarted dyno has a fresh disk (platform.md c.4). Throws ISOLATION_UNAVAILABLE, DISK_FULL. */
  prepare(spec: DynoSpec, place: Place): Promise<OpenRoom>
  /** Pure: what to start so that `spec` runs in `room`. */
  wrap(spec: DynoSpec, room: Room): CommandLine
  /** Pure: what to start so that a command runs inside the dyno of `room`, with its limits. Throws ISOLATION_UNAVAILABLE. */
  enter(spec: DynoSpec, room: Room, request: EnterRequest): CommandLine
  /**
   * Makes the room of a build, for all its programs. As root the writable views are given to the user that builds. Throws
   * ISOLATION_UNAVAILABLE, also for a network that the tier cannot close.
   */
  prepareBuild(build: BuildSpec, place: Place): Promise<OpenRoom>
  /** Pure: what to start so that one program of the build runs in `room`. */
  wrapBuild(build: BuildSpec, room: Room, command: BuildCommand): CommandLine
}

/** Where a program in a build's room finds a file or folder of one of its views. */
export function pathInside({views}: Pick<Room, 'views'>, path: string): string {
  const view = views.find(({source}) => path === source || path.startsWith(`${source}/`))
  return view === undefined ? path : view.target + path.slice(view.source.length)
}
