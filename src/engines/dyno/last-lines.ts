const newline = 0x0a
const maxLines = 50
const maxBytes = 64 * 1024
/** What is kept of a block over this size is copied, so that it does not hold the whole block in memory. */
const largeBytes = 8 * 1024

type Tail = {readonly bytes: Buffer; readonly lines: number}

/** The last 50 lines that a dyno wrote, at most about 64 KiB of them, kept at the price of a few searches for a block. */
export class LastLines {
  #tails: Tail[] = []

  /** `block` is whole lines, each ended by `\n`. */
  push(block: Buffer): void {
    const {index, lines} = tailStart(block)
    const tail = block.subarray(index)
    this.#tails.push({bytes: block.length > largeBytes ? Buffer.from(tail) : tail, lines})
    let [keptLines, keptBytes] = [0, 0]
    // From the newest to the oldest: what is beyond the last lines is let go.
    const first = this.#tails.findLastIndex(({bytes, lines}) => {
      const isEnough = keptLines >= maxLines || keptBytes > maxBytes
      keptLines += lines
      keptBytes += bytes.length
      return isEnough
    })
    this.#tails.splice(0, first + 1)
  }

  toStrings(): readonly string[] {
    const lines = Buffer.concat(this.#tails.map(({bytes}) => bytes))
      .toString()
      .split('\n')
    return lines
      .slice(0, -1)
      .slice(-maxLines)
      .map(line => line.replace(/\r$/, ''))
  }
}

/** Where the last lines of a block begin, and how many they are: at most 50, at most 64 KiB, at least one. */
function tailStart(block: Buffer): {index: number; lines: number} {
  let index = block.length
  for (let lines = 0; lines < maxLines; lines++) {
    if (index === 0) return {index, lines}
    const start = index < 2 ? 0 : block.lastIndexOf(newline, index - 2) + 1
    if (lines > 0 && block.length - start > maxBytes) return {index, lines}
    index = start
  }
  return {index, lines: maxLines}
}
