import {planCommandLine, type Shell} from '../shell.ts'
import type {Isolation, Room} from './isolation.ts'

/** What of a tier running dynos need. */
export type DynoIsolation = Pick<Isolation, 'tier' | 'helperGenerations' | 'prepare' | 'wrap' | 'enter'>

/**
 * The process tier for the dynos of a folder without sizes: a process group and nothing else. Most starts are such, so this
 * loads and tries nothing: the first line of the app waits for it.
 */
export function plainFolderIsolation(shell: Shell): DynoIsolation {
  return {
    tier: 'process',
    helperGenerations: 0,
    async prepare({cwd}) {
      const room: Room = {tier: 'process', disk: 'folder', appFolder: cwd, cgroups: [], countsProcesses: false, views: [], inputs: {}}
      return {room, async [Symbol.asyncDispose]() {}}
    },
    wrap: spec => planCommandLine(spec, shell),
    enter: (spec, _room, {command, env}) => planCommandLine({...spec, command, env}, shell),
  }
}
