import type {TerminalSize} from '../../model/terminal.ts'

const fallback: TerminalSize = {columns: 80, rows: 24}

/** The size of the terminal that standard output is now; 80 by 24 where it is none, or says nothing. */
export function windowSize(): TerminalSize {
  const {columns = 0, rows = 0} = process.stdout
  return columns > 0 && rows > 0 ? {columns, rows} : fallback
}
