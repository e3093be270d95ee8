import {pipeline, type Readable, Transform} from 'node:stream'
import type {PtyExit, PtyProcess} from '../../lib/pty-process.ts'
import {isQuery, withoutEnquiry} from '../../lib/terminal-queries.ts'
import {TerminalState} from '../../lib/terminal-state.ts'
import {TerminalText} from '../../lib/terminal-text.ts'
import {type TerminalToken, TerminalTokens} from '../../lib/terminal-tokens.ts'
import {renderEnd} from '../../model/ending.ts'
import type {SharedTerminal, TerminalClient, TerminalSeat, TerminalSize} from '../../model/terminal.ts'

/** So much of what was shown is shown again to who joins. */
const recentBytes = 64 * 1024

/**
 * The terminal of one place of the formation, such as `web.1` with `--tty web`. It outlives the processes that run in it one after
 * the other, so that who is attached stays so through a restart. What they show goes to everybody who has joined, as it is, and to
 * the log as text.
 */
export class DynoTerminal implements SharedTerminal {
  readonly #clients = new Set<TerminalClient>()
  readonly #recent = new RecentOutput()
  readonly #name: string
  #process: PtyProcess | undefined
  #size: TerminalSize

  /** `name`: of the dyno. */
  constructor(name: string, size: TerminalSize) {
    this.#name = name
    this.#size = size
  }

  /** The size that the next process begins with. */
  get size(): TerminalSize {
    return this.#size
  }

  /** A process runs in this terminal from now on: gives its output as text for the log, at whose pace it is read. */
  begin(terminal: PtyProcess): Readable {
    this.#process = terminal
    const text = new TerminalText()
    const log = new Transform({
      transform: (chunk: Buffer, _, done) => {
        this.#show(chunk)
        done(null, text.push(chunk))
      },
    })
    pipeline(terminal.output, log, () => void terminal.exited.then(exit => this.#end(terminal, exit)))
    return log
  }

  join(client: TerminalClient): TerminalSeat {
    client.show(this.#recent.replay())
    this.#clients.add(client)
    this.#resize(client.size)
    const terminal = () => this.#process
    return {
      type: bytes => terminal()?.write(bytes),
      get isCongested() {
        return terminal()?.isCongested ?? false
      },
      whenClear: async () => terminal()?.whenClear(),
      resize: size => this.#resize(size),
      leave: () => void this.#clients.delete(client),
    }
  }

  /** Those who stay attached see why nothing happens, on a screen that the next process finds as new. */
  #end(terminal: PtyProcess, exit: PtyExit): void {
    const isReplaced = this.#process !== terminal
    if (!isReplaced) this.#process = undefined
    this.#show(Buffer.from(`${isReplaced ? '' : this.#recent.leave()}\r\n[${this.#name} ${renderEnd(exit)}]\r\n`))
  }

  #show(chunk: Buffer): void {
    this.#recent.push(chunk)
    for (const client of this.#clients) client.show(chunk)
  }

  #resize(size: TerminalSize): void {
    const isSame = size.columns === this.#size.columns && size.rows === this.#size.rows
    // A program that draws the whole screen draws it anew when it is told of another size, and only then.
    if (isSame && this.#recent.isFullScreen) this.#process?.resize({...size, rows: Math.max(1, size.rows - 1)})
    this.#size = size
    this.#process?.resize(size)
  }
}

/** What was shown last, and the state that a terminal must be in for it. */
class RecentOutput {
  readonly #tokens = new TerminalTokens()
  readonly #now = new TerminalState()
  /** As it was before the oldest piece. */
  readonly #before = new TerminalState()
  #pieces: {readonly tokens: readonly TerminalToken[]; readonly bytes: number}[] = []
  #bytes = 0

  push(chunk: Buffer): void {
    const tokens = this.#tokens.push(chunk)
    const bytes = tokens.reduce((sum, token) => sum + token.bytes.length, 0)
    this.#now.see(tokens)
    this.#pieces.push({tokens, bytes})
    this.#bytes += bytes
    while (this.#bytes > recentBytes && this.#pieces.length > 1) {
      const oldest = this.#pieces.shift()
      this.#bytes -= oldest?.bytes ?? 0
      this.#before.see(oldest?.tokens ?? [])
    }
  }

  get isFullScreen(): boolean {
    return this.#now.isFullScreen
  }

  leave(): string {
    return this.#now.leave()
  }

  replay(): Buffer {
    const tokens = this.#pieces.flatMap(piece => piece.tokens)
    const shown = tokens.flatMap(token => (isQuery(token) ? [] : [token.kind === 'text' ? withoutEnquiry(token.bytes) : token.bytes]))
    return Buffer.concat([Buffer.from(this.#before.enter()), ...shown])
  }
}
