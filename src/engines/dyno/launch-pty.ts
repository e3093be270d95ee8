import type {PtyProcess} from '../../lib/pty-process.ts'
import type {CommandLine} from '../../model/dyno.ts'
import type {TerminalSize} from '../../model/terminal.ts'
import {closePipes} from './dyno-pipes.ts'
import {type Launch, type Launched, markedCommandLine} from './launch.ts'

export type PtyLaunchOptions = {
  /** `loadPty` of lib/pty.ts, called when it is needed: most dynos have no terminal. */
  readonly load: () => Promise<(command: CommandLine & TerminalSize) => PtyProcess>
  readonly size: () => TerminalSize
  /** Gets the terminal as soon as its program runs. */
  readonly onStart: (terminal: PtyProcess) => Launched['streams']
}

/**
 * Starts a dyno's first process in a terminal of its own instead of with pipes: the same session, group, environment and marks,
 * so that it is found and ended like any other. What comes of its output is what `onStart` gives.
 */
export function launchInPty({load, size, onStart}: PtyLaunchOptions): Launch {
  return async (commandLine, {marker, prlimit, pipes}) => {
    if (pipes !== undefined) closePipes(pipes)
    const spawnInPty = await load()
    const terminal = spawnInPty({...markedCommandLine(commandLine, {marker, prlimit}), ...size()})
    return {pid: terminal.pid, streams: onStart(terminal), exited: terminal.exited}
  }
}
