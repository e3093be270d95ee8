/**
 * What happens between the spawn and the dyno's own program, in one chain of `exec`s: the process that was spawned becomes the
 * dyno (or the bubblewrap around it). Plain data, so that two launchers can carry it out: perl in one process, or the tools of
 * util-linux one after the other.
 */
export type LaunchStep =
  /** Writes its pid into `cgroup.procs` of a cgroup. */
  | {readonly step: 'join'; readonly cgroup: string}
  /** Lowers a limit, for good; a limit that is lower already stays. */
  | {readonly step: 'limit'; readonly of: 'open-files' | 'processes'; readonly to: number}
  /** A mount namespace of its own, in which every later mount vanishes with the last process; without root in a user namespace, as its root. */
  | {readonly step: 'own-mounts'; readonly asRoot: boolean}
  | {readonly step: 'mount-tmpfs'; readonly at: string}
  | {readonly step: 'folder'; readonly path: string}
  | {readonly step: 'file'; readonly path: string}
  | {readonly step: 'mount-bind'; readonly from: string; readonly at: string}
  /** Copy-on-write: `lower` is read, `upper` and `work` take what is written. Paths are relative to `in`, which hides where that is. */
  | {readonly step: 'mount-overlay'; readonly in: string; readonly at: string; readonly options: string}
  /** Opens a file for reading as that descriptor (one digit), for a program that takes it by number. */
  | {readonly step: 'open'; readonly descriptor: number; readonly file: string}
  | {readonly step: 'enter-folder'; readonly path: string}
  /** Gives up root for good: ids, groups, capabilities, and the way back to any of them. */
  | {readonly step: 'become'; readonly uid: number; readonly gid: number}
  /** SIGKILL when the process that spawned this one dies. Comes after `become`, which would undo it. */
  | {readonly step: 'die-with-parent'}
  /** No way to more rights than now, by setuid programs or otherwise. */
  | {readonly step: 'no-new-rights'}

/** A program and its arguments. */
export type Argv = {readonly file: string; readonly args: readonly string[]}

/** The exit code of a launcher that could not do one of its steps; it says which on stderr, after `launchFailurePrefix`. */
export const launchFailureCode = 125
export const launchFailurePrefix = 'homeport-launch: '
