import type {DynoTerminalConnection} from '../../control/open-dyno-terminal.ts'
import {isTerminal} from '../is-terminal.ts'
import {OutputWriter} from '../output/output-writer.ts'
import {StdoutClosedError, writeNow} from '../write.ts'
import {leavingKey} from './leaving-key.ts'
import {ScreenWatch} from './screen-watch.ts'
import {UserTerminal} from './user-terminal.ts'

export type AttachTerminalOptions = {
  /** As it was typed. */
  readonly name: string
  /** Restores the user's terminal when a signal ends us. */
  readonly cleanUp: DisposableStackLike
}

type DisposableStackLike = {defer(undo: () => void): void}

/** Connects the user's terminal with that of a dyno, until the user leaves with Ctrl-] or the app has stopped. */
export async function attachTerminal(terminal: DynoTerminalConnection, {name, cleanUp}: AttachTerminalOptions): Promise<void> {
  const closed = Promise.withResolvers<never>()
  const left = Promise.withResolvers<void>()
  const output = new OutputWriter(1, {onClosed: cause => closed.reject(new StdoutClosedError('', {cause}))})
  const screen = new ScreenWatch()
  const user = isTerminal(0) && isTerminal(1) ? new UserTerminal() : undefined
  let isRestored = user === undefined
  const restore = () => {
    if (isRestored) return
    isRestored = true
    writeNow(1, screen.leave())
    user?.[Symbol.dispose]()
  }
  cleanUp.defer(restore)
  const type = (bytes: Buffer) => {
    terminal.type(bytes)
    return terminal.isCongested ? terminal.whenClear() : undefined
  }
  if (user === undefined) process.stdin.on('data', (bytes: Buffer) => void type(bytes))
  user?.connect({
    takeInput(bytes) {
      const key = leavingKey(bytes)
      if (key === undefined) return type(bytes)
      if (key.before.length > 0) terminal.type(key.before)
      left.resolve()
      return undefined
    },
    onResize: size => terminal.resize(size),
  })
  const over = show(terminal, {output, screen}).then(() => 'over' as const)
  const how = await Promise.race([over, left.promise.then(() => 'left' as const), closed.promise])
  await Promise.race([output.flush(), closed.promise])
  restore()
  writeNow(2, how === 'left' ? `\nYou have left ${name}, which goes on.\n` : `\nThe app of ${name} has stopped.\n`)
  process.stdin.pause()
}

async function show(
  {shown}: DynoTerminalConnection,
  {output, screen}: {readonly output: OutputWriter; readonly screen: ScreenWatch},
): Promise<void> {
  for await (const bytes of shown) {
    screen.see(bytes)
    output.write(bytes)
    if (output.isCongested) await output.whenClear()
  }
}
