import {closeSync} from 'node:fs'
import type {Stdio} from '../../lib/covered-descriptors.ts'
import {closingPipes, type Launch, readPipe, spawnDyno} from './launch.ts'

/** What a process reads and writes: a descriptor that it inherits as it is, or `piped`: read by us from the one stream that comes of it. */
export type Descriptors = {
  readonly stdin: number
  readonly stdout: number | 'piped'
  readonly stderr: number | 'piped'
}

/** Starts a dyno's first process on descriptors of whoever started Homeport: what passes through them is not ours to touch. */
export function launchAttached({stdin, stdout, stderr}: Descriptors): Launch {
  return (commandLine, {marker, prlimit, pipes}) =>
    closingPipes(pipes, async () => {
      // One pipe for both, so that what was written first comes first.
      const piped = pipes?.stdout.writeEnd ?? 'pipe'
      const stdio: readonly Stdio[] = [stdin, stdout === 'piped' ? piped : stdout, stderr === 'piped' ? piped : stderr]
      const launched = await spawnDyno(commandLine, {marker, prlimit}, stdio)
      if (pipes === undefined) return launched
      closeSync(pipes.stderr.readEnd)
      const isRead = stdout === 'piped' || stderr === 'piped'
      if (!isRead) closeSync(pipes.stdout.readEnd)
      return {...launched, streams: isRead ? {stdout: readPipe(pipes.stdout.readEnd)} : {}}
    })
}
