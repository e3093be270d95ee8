import {closeSync, constants, openSync, unlinkSync} from 'node:fs'

/** Both ends of one stream: ours to read, and the one that the dyno writes to, which we close once the dyno has it. */
export type DynoPipe = {readonly readEnd: number; readonly writeEnd: number}
export type DynoPipes = {readonly stdout: DynoPipe; readonly stderr: DynoPipe}

/**
 * Opens two FIFOs as the pipes of a dyno's output and takes their names away.
 *
 * Why not Node's own `pipe`: that is a pair of sockets, and a socket cannot be opened by name. `echo hi > /dev/stdout`, nginx's
 * `error_log /dev/stderr` and every Dockerfile habit of that kind fail with ENXIO on it. A FIFO is a real pipe, in which
 * whoever inherited it may open /dev/stdout again, whatever its user (mode 0666; without a name, and in a folder of our own
 * before, no stranger reaches it).
 * Measured, 1,000,000 lines of 100 bytes: 101 to 139 ms and 60 to 90 ms of CPU through a FIFO, 106 to 133 and 66 to 89 through
 * a socket pair: no difference. The first line comes some 1.5 ms later, for the one `mkfifo` that the guardian runs at the start;
 * a `spawnSync` of ours took 2 to 3.
 */
export function openPipes(stdoutPath: string, stderrPath: string): DynoPipes | undefined {
  const stdout = openPipe(stdoutPath)
  const stderr = openPipe(stderrPath)
  if (stdout !== undefined && stderr !== undefined) return {stdout, stderr}
  for (const pipe of [stdout, stderr]) if (pipe !== undefined) closePipe(pipe)
  return undefined
}

function openPipe(path: string): DynoPipe | undefined {
  let readEnd: number | undefined
  try {
    // Without O_NONBLOCK the open would wait for a writer. Only our end has the flag: the dyno's end blocks, as programs expect.
    readEnd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK)
    const writeEnd = openSync(path, constants.O_WRONLY)
    unlinkSync(path)
    return {readEnd, writeEnd}
  } catch {
    if (readEnd !== undefined) closeSync(readEnd)
    return undefined
  }
}

/** Pipes that nobody got. */
export function closePipes({stdout, stderr}: DynoPipes): void {
  closePipe(stdout)
  closePipe(stderr)
}

function closePipe({readEnd, writeEnd}: DynoPipe): void {
  closeSync(readEnd)
  closeSync(writeEnd)
}

/** A pipe that stays open and never delivers, for the stdin of all dynos: `ours` keeps it open, `theirs` is what they inherit. */
export type SilentPipe = {readonly ours: number; readonly theirs: number}

/** Opens a FIFO as the stdin of dynos and takes its name away. */
export function openSilentPipe(path: string): SilentPipe | undefined {
  let ours: number | undefined
  try {
    ours = openSync(path, constants.O_RDWR)
    const theirs = openSync(path, constants.O_RDONLY)
    unlinkSync(path)
    return {ours, theirs}
  } catch {
    if (ours !== undefined) closeSync(ours)
    return undefined
  }
}

export function closeSilentPipe({ours, theirs}: SilentPipe): void {
  closeSync(ours)
  closeSync(theirs)
}
