export type TableOptions = {
  /** Columns that end, rather than begin, at the same place. */
  readonly right?: readonly number[]
  readonly indent?: number
}

/** Rows in columns, two blanks between them; no blanks at the ends of lines. */
export function renderTable(rows: readonly (readonly string[])[], {right = [], indent = 0}: TableOptions = {}): string {
  const widths = rows.reduce<number[]>((widest, cells) => cells.map((cell, at) => Math.max(widest[at] ?? 0, cell.length)), [])
  return rows
    .map(cells => {
      const shown = cells.map((cell, at) => (right.includes(at) ? cell.padStart(widths[at] ?? 0) : cell.padEnd(widths[at] ?? 0)))
      return `${' '.repeat(indent)}${shown.join('  ')}`.trimEnd()
    })
    .map(line => `${line}\n`)
    .join('')
}
