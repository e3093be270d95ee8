import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import type {CommandLine} from '../../model/dyno.ts'

/** One program of a build; paths are those that `pathInside` tells. */
export type BuildCommand = {
  readonly argv: readonly string[]
  /** All of its environment but HOME and TMPDIR, which are the room's. */
  readonly env: Readonly<Record<string, string>>
  readonly workingFolder: string
}

/**
 * Where the programs of a build run: the seam to the isolation tiers, which live in another room. A tier may show the folders
 * of a build elsewhere and hide everything else.
 */
export type BuildRoom = {
  /** Where a program finds one of the build's files or folders. */
  pathInside(path: string): string
  /** What to start so that a program runs in this room. */
  wrap(command: BuildCommand): CommandLine
  /** Ends all that programs of the build started and left, also what is in no process group of theirs. */
  endAll(): Promise<void>
} & AsyncDisposable

/** A room without walls: HOME and TMPDIR below `dir`, which goes with the workspace, and everything else as it is. */
export async function openPlainRoom(dir: string): Promise<BuildRoom> {
  const [home, tmp] = [join(dir, 'app'), join(dir, 'tmp')]
  for (const folder of [home, tmp]) await mkdir(folder, {recursive: true, mode: 0o700})
  return {
    pathInside: path => path,
    wrap: ({argv: [file = '', ...args], env, workingFolder}) => ({file, args, env: {...env, HOME: home, TMPDIR: tmp}, cwd: workingFolder}),
    endAll: async () => {},
    [Symbol.asyncDispose]: async () => {},
  }
}
