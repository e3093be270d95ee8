const newline = 10

export type LongLineOptions = {
  /** The most bytes of one part, without its newline. */
  readonly limit: number
  /** What a part that is not the last one ends with, to say that its line goes on. */
  readonly mark?: string
}

/**
 * A block of whole lines in which no line is longer than `limit`: longer ones are cut into parts, never inside a UTF-8
 * character. The very same block when there is nothing to cut, found out in a few native searches.
 */
export function cutLongLines(lines: Buffer, {limit, mark = ''}: LongLineOptions): Buffer {
  const pieces: Buffer[] = []
  let kept = 0
  let position = 0
  const end = Buffer.from(`${mark}\n`)
  while (lines.length - position > limit + 1) {
    const last = lines.lastIndexOf(newline, position + limit)
    if (last >= position) {
      position = last + 1
      continue
    }
    position = characterStart(lines, position + limit)
    pieces.push(lines.subarray(kept, position), end)
    kept = position
  }
  return pieces.length === 0 ? lines : Buffer.concat([...pieces, lines.subarray(kept)])
}

/** The nearest position at or before `position` where a UTF-8 character begins; `position` itself when these bytes are not UTF-8. */
function characterStart(bytes: Buffer, position: number): number {
  for (let start = position; start > position - 4; start--) if (((bytes[start] ?? 0) & 0xc0) !== 0x80) return start
  return position
}
