import {fstatSync} from 'node:fs'
import {constants} from 'node:os'
import {type DynoEnd, exitCodeOf} from '../../model/dyno.ts'
import type {Settings} from '../../model/settings.ts'
import type {Attached, AttachedIo} from '../../platform/attached.ts'
import {loadTerminals} from '../../platform/load-terminals.ts'
import {isTerminal} from '../is-terminal.ts'
import {OutputWriter} from '../output/output-writer.ts'
import {ScreenWatch} from '../terminal/screen-watch.ts'
import {UserTerminal} from '../terminal/user-terminal.ts'
import {windowSize} from '../terminal/window-size.ts'
import type {AttachedSignals} from './attached-signals.ts'

export type AttachUserOptions = {
  /** `--no-tty` was typed. */
  readonly noTerminal: boolean
  readonly settings: Settings
  /** Starts the command with this input and output. */
  readonly start: (io: AttachedIo) => Promise<Attached>
}

/**
 * Runs a command for the user in front of us and gives the exit code to end with: that of the command, unless a signal ended us or
 * nobody reads our output. It has a terminal of its own when its user has one, for input and output; else our own descriptors.
 */
export async function attachUser(signals: AttachedSignals, {noTerminal, settings, start}: AttachUserOptions): Promise<number> {
  const hasTerminal = !noTerminal && isTerminal(0) && isTerminal(1)
  const end = hasTerminal ? await inTerminal(signals, {settings, start}) : await onDescriptors(signals, start)
  if (end.error !== undefined) throw end.error
  return signals.exitCode ?? exitCodeOf(end, constants.signals)
}

async function inTerminal(signals: AttachedSignals, {settings, start}: Omit<AttachUserOptions, 'noTerminal'>): Promise<DynoEnd> {
  const output = new OutputWriter(1, {onClosed: () => signals.stdoutClosed()})
  const screen = new ScreenWatch()
  using user = new UserTerminal()
  const sink = {
    write(chunk: Buffer) {
      screen.see(chunk)
      output.write(chunk)
    },
    get isCongested() {
      return output.isCongested
    },
    whenClear: () => output.whenClear(),
  }
  await using attached = await start({kind: 'terminal', load: () => loadTerminals(settings), size: windowSize, sink})
  const {terminal} = attached
  if (terminal !== undefined) {
    user.connect({
      takeInput(bytes) {
        terminal.write(bytes)
        return terminal.isCongested ? terminal.whenClear() : undefined
      },
      onResize: size => terminal.resize(size),
    })
  }
  signals.connect(attached)
  const end = await attached.ended
  // Whoever was killed had no time to leave the second screen or to show the cursor again.
  if (end.signal !== undefined || (end.exitCode ?? 0) >= 128 || signals.exitCode !== undefined) output.write(screen.leave())
  await output.flush()
  return end
}

async function onDescriptors(signals: AttachedSignals, start: AttachUserOptions['start']): Promise<DynoEnd> {
  const {isPiped, isShared} = lookAtOutput()
  const output = isPiped ? new OutputWriter(1, {onClosed: () => signals.stdoutClosed()}) : undefined
  signals.suspendTogether()
  await using attached = await start({
    kind: 'descriptors',
    stdin: 0,
    stdout: isPiped ? 'piped' : 1,
    stderr: isShared ? 'piped' : 2,
    sink: output ?? nowhere,
  })
  signals.connect(attached)
  const end = await attached.ended
  await output?.flush()
  return end
}

const nowhere = {write() {}, isCongested: false, whenClear: async () => {}}

/**
 * What the command writes to a pipe passes through us, since only so do we see that its reader is gone (exit 141), also when the
 * command does not care. A file or device it gets as it is, and standard error too, unless that is the same pipe.
 */
function lookAtOutput(): {readonly isPiped: boolean; readonly isShared: boolean} {
  const stdout = fstatSync(1)
  const isPiped = stdout.isFIFO() || stdout.isSocket()
  const stderr = fstatSync(2)
  return {isPiped, isShared: isPiped && stdout.dev === stderr.dev && stdout.ino === stderr.ino}
}
