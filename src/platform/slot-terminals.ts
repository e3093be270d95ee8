import {DynoTerminal} from '../engines/dyno/dyno-terminal.ts'
import type {Launch} from '../engines/dyno/launch.ts'
import {launchInPty} from '../engines/dyno/launch-pty.ts'
import type {Settings} from '../model/settings.ts'
import type {TerminalSize} from '../model/terminal.ts'
import {loadTerminals} from './load-terminals.ts'

/** Of a terminal that nobody has looked into yet, when the log goes to none. */
const defaultSize: TerminalSize = {columns: 80, rows: 24}

/** The terminals of the dynos of one type (`--tty`), one for each slot; every dyno of the type has one. */
export class SlotTerminals {
  readonly #settings: Settings
  readonly #size: TerminalSize
  readonly #terminals = new Map<string, DynoTerminal>()

  constructor(settings: Settings, size: TerminalSize = defaultSize) {
    this.#settings = settings
    this.#size = size
  }

  /** The terminal of a slot whose dyno was launched in one. */
  get(slot: string): DynoTerminal | undefined {
    return this.#terminals.get(slot)
  }

  /** How the next dyno of a slot starts in its terminal; its output is read as text for the log. */
  launch(slot: string): Launch {
    const terminal = this.#terminals.get(slot) ?? new DynoTerminal(slot, this.#size)
    this.#terminals.set(slot, terminal)
    return launchInPty({
      load: () => loadTerminals(this.#settings),
      size: () => terminal.size,
      onStart: started => ({stdout: terminal.begin(started)}),
    })
  }
}
