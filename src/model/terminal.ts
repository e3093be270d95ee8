/** How many characters a terminal shows. */
export type TerminalSize = {readonly columns: number; readonly rows: number}

/** Somebody's own terminal, joined to that of a dyno (`attach`). */
export type TerminalClient = {
  readonly size: TerminalSize
  /** Takes what is to be shown, as it comes; must not wait. */
  show(bytes: Buffer): void
}

/** What who has joined a dyno's terminal can do there. */
export type TerminalSeat = {
  type(bytes: Buffer): void
  /** Whether the dyno does not take what is typed as fast as it comes. */
  readonly isCongested: boolean
  whenClear(): Promise<void>
  /** The dyno's terminal has the size of whoever came or changed last. */
  resize(size: TerminalSize): void
  leave(): void
}

/** The terminal of a dyno, which several may look at and type into at once. */
export type SharedTerminal = {join(client: TerminalClient): TerminalSeat}
