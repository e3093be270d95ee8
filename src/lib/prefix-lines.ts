const newline = 10

/** Longer strings would be made outside of V8's young heap, which takes twice the time. */
const pieceBytes = 16 * 1024

/**
 * A block of whole lines (each ended by `\n`) with `prefix` before and `suffix` after each line. No byte of the lines is
 * decoded or changed, and the work is done by native string operations: about 70 ns for a line of 100 bytes.
 */
export function prefixLines(lines: Buffer, prefix: string, suffix = ''): Buffer {
  const pieces = prefixPieces(lines, prefix, suffix)
  if (pieces.length === 1) return Buffer.from(pieces[0] ?? '', 'latin1')
  return Buffer.concat(pieces.map(piece => Buffer.from(piece, 'latin1')))
}

/** The same in pieces of whole lines, as strings of bytes (latin1), for one who copies them elsewhere. */
export function prefixPieces(lines: Buffer, prefix: string, suffix = ''): readonly string[] {
  const first = latin1(prefix)
  const last = `${latin1(suffix)}\n`
  // A function would be called for each line; the doubled dollar keeps a `$` of the prefix from being read as a pattern.
  const between = `${last}${first}`.replaceAll('$', '$$$$')
  const pieces: string[] = []
  for (let start = 0; start < lines.length; ) {
    const end = endOfPiece(lines, start)
    pieces.push(`${first}${lines.toString('latin1', start, end - 1).replace(/\n/g, between)}${last}`)
    start = end
  }
  return pieces
}

/** Behind the last newline within a piece, or behind the first one when its line is longer than that. */
function endOfPiece(lines: Buffer, start: number): number {
  if (lines.length - start <= pieceBytes) return lines.length
  const end = lines.lastIndexOf(newline, start + pieceBytes - 1) + 1
  return end > start ? end : lines.indexOf(newline, start) + 1
}

function latin1(text: string): string {
  return Buffer.from(text).toString('latin1')
}
