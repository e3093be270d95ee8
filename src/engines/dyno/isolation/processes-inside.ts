/** What is needed of a process to tell where it belongs. */
export type ProcessPlace = {readonly pid: number; readonly ppid: number}

/**
 * The processes of a dyno that take signals, from a list of all processes of this machine: the descendants of the spawned
 * process without the first `helperGenerations` of them. In a sandbox those are bubblewrap and its first process inside, which
 * reaps: SIGTERM to one of them would kill the dyno at once (findings 2.3); what the dyno daemonised is a child of that reaper.
 * A command of `ps:exec` is none of them: it ends with the namespace.
 * Empty while the isolation is still being opened: then there is nothing to lose by SIGKILL to the spawned process.
 */
export function processesInside(spawnedPid: number, helperGenerations: number, processes: readonly ProcessPlace[]): readonly number[] {
  const children = Map.groupBy(processes, ({ppid}) => ppid)
  const inside: number[] = []
  let generation = [spawnedPid]
  for (let age = 0; generation.length > 0; age++) {
    if (age >= helperGenerations) inside.push(...generation)
    generation = generation.flatMap(pid => (children.get(pid) ?? []).map(child => child.pid)).filter(pid => pid !== spawnedPid)
  }
  return inside
}
