/** What is needed of a process to tell where it belongs. */
export type ProcessPlace = {readonly pid: number; readonly ppid: number}

/**
 * Whether a process of a dyno belongs to its isolation and not to the app, and must get no signal but SIGKILL. In a sandbox
 * (`helperGenerations` 2) these are bubblewrap, which was spawned, and its first process inside, which reaps: SIGTERM to one
 * of them would kill the app at once (findings 2.3). What the app daemonised is a child of that reaper, and gets its signal.
 */
export function isHelperProcess({pid, ppid}: ProcessPlace, spawnedPid: number, helperGenerations: number): boolean {
  return (helperGenerations >= 1 && pid === spawnedPid) || (helperGenerations >= 2 && ppid === spawnedPid)
}
