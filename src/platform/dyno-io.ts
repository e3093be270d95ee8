import type {DynoOptions} from '../engines/dyno/dyno.ts'
import {launchAttached} from '../engines/dyno/launch-attached.ts'
import {launchInPty} from '../engines/dyno/launch-pty.ts'
import {PassedOutput} from '../engines/dyno/passed-output.ts'
import type {PtyProcess} from '../lib/pty-process.ts'
import type {Limits} from '../model/limits.ts'
import type {AttachedIo} from './attached.ts'

/** When the program of a terminal has ended, what others still write to it is of no interest, only what is on its way. */
const terminalDrainMs = 200

export type DynoIo = {
  readonly options: Partial<Pick<DynoOptions, 'launch' | 'readOutput' | 'limits' | 'stdin'>>
  /** The terminal, once the program runs in it. */
  readonly terminal: () => PtyProcess | undefined
}

/** How a command is started, and its output read, so that it has this input and output. */
export function dynoIo(io: AttachedIo, limits: Limits): DynoIo {
  let terminal: PtyProcess | undefined
  switch (io.kind) {
    case 'log':
      return {options: {stdin: 'null'}, terminal: () => undefined}
    case 'descriptors': {
      const isShared = io.stdout !== 'piped' || io.stderr !== 'piped'
      return {
        options: {
          launch: launchAttached(io),
          readOutput: (streams, processes) => new PassedOutput(Object.values(streams), {sink: io.sink, ...(isShared && {processes})}),
        },
        terminal: () => undefined,
      }
    }
    case 'terminal':
      return {
        options: {
          launch: launchInPty({
            ...io,
            onStart(started) {
              terminal = started
              return {stdout: started.output}
            },
          }),
          readOutput: streams => new PassedOutput(Object.values(streams), {sink: io.sink}),
          limits: {drainMs: Math.min(limits.drainMs, terminalDrainMs)},
        },
        terminal: () => terminal,
      }
  }
}
