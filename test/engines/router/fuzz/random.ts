/** Random numbers that a seed gives again: a failing round can be repeated. */
export class Random {
  #state: number

  constructor(seed: number) {
    this.#state = seed >>> 0
  }

  /** From 0 up to 1, 1 excluded (mulberry32). */
  next(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0
    let mixed = this.#state
    mixed = Math.imul(mixed ^ (mixed >>> 15), mixed | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32
  }

  below(bound: number): number {
    return Math.floor(this.next() * bound)
  }

  chance(probability: number): boolean {
    return this.next() < probability
  }

  pick<T>(values: readonly [T, ...T[]]): T {
    return values[this.below(values.length)] ?? values[0]
  }

  /** Small numbers are likely, large ones happen. */
  size(largest: number): number {
    return Math.floor(largest ** this.next()) - 1
  }

  /** `text` in pieces, most of them small. */
  pieces(text: string): readonly string[] {
    const pieces: string[] = []
    for (let at = 0; at < text.length; ) {
      const size = this.chance(0.3) ? text.length : 1 + this.size(2000)
      pieces.push(text.slice(at, at + size))
      at += size
    }
    return pieces
  }
}
