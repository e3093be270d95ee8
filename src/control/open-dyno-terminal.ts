import type {Socket} from 'node:net'
import type {TerminalSize} from '../model/terminal.ts'
import {homeportPath} from './app-path.ts'
import {type Callee, upgradeControl} from './client.ts'
import {renderFrame, terminalProtocol} from './terminal-frames.ts'

/** The terminal of a dyno, as seen from another process. */
export type DynoTerminalConnection = Disposable & {
  /** What it shows: what was shown last, then what comes, until the app stops. */
  readonly shown: AsyncIterable<Buffer>
  type(bytes: Buffer): void
  resize(size: TerminalSize): void
  /** Whether what is typed is not taken as fast as it comes. */
  readonly isCongested: boolean
  whenClear(): Promise<void>
}

const highWaterBytes = 64 * 1024

/** Joins the terminal of a dyno, or of the first dyno of a type. Rejects with UNKNOWN_DYNO, and USAGE when it has no terminal. */
export async function openDynoTerminal(app: Callee, dyno: string, {columns, rows}: TerminalSize): Promise<DynoTerminalConnection> {
  const path = `${homeportPath(app, 'dynos', dyno, 'terminal')}?columns=${columns}&rows=${rows}`
  const {received, connection} = await upgradeControl(app, path, terminalProtocol)
  return {
    shown: untilBroken(received),
    type: bytes => void connection.write(renderFrame({kind: 'input', bytes})),
    resize: size => void connection.write(renderFrame({kind: 'resize', size})),
    get isCongested() {
      return connection.writableLength > highWaterBytes
    },
    whenClear: () => whenDrained(connection),
    [Symbol.dispose]: () => connection.destroy(),
  }
}

/** An app that was killed and one that stopped in order are the same to who looked into it: its terminal is gone. */
async function* untilBroken(received: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  try {
    yield* received
  } catch {
    // The connection broke.
  }
}

function whenDrained(connection: Socket): Promise<void> {
  return new Promise(resolve => {
    const done = () => {
      connection.off('drain', done).off('close', done)
      resolve()
    }
    connection.on('drain', done).on('close', done)
  })
}
