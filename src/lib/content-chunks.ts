/** Sizes of chunks in bytes; `mask` decides how often one ends. */
const sizes = {min: 4 * 1024, max: 64 * 1024, mask: (1 << 14) - 1} as const

/** A random number for each byte, the same for ever: other ones would cut everything elsewhere. */
const gear = makeGear()

function makeGear(): Uint32Array {
  const table = new Uint32Array(256)
  let state = 0x9e3779b9
  for (let index = 0; index < 256; index++) {
    // xorshift32
    state ^= state << 13
    state ^= state >>> 17
    state ^= state << 5
    table[index] = state >>> 0
  }
  return table
}

/**
 * Cuts a stream into chunks of 4 to 64 KiB where its content says so, about 16 KiB on average: bytes that are put in or taken out
 * change the chunks they touch and no others.
 */
export class ContentChunker {
  readonly #onChunk: (chunk: Buffer) => void
  #rest: Buffer = Buffer.alloc(0)

  constructor(onChunk: (chunk: Buffer) => void) {
    this.#onChunk = onChunk
  }

  write(bytes: Buffer): void {
    let buffer = this.#rest.length === 0 ? bytes : Buffer.concat([this.#rest, bytes])
    while (buffer.length >= sizes.max) {
      const end = cut(buffer)
      this.#onChunk(buffer.subarray(0, end))
      buffer = buffer.subarray(end)
    }
    this.#rest = Buffer.from(buffer)
  }

  end(): void {
    let buffer = this.#rest
    while (buffer.length > 0) {
      const end = cut(buffer)
      this.#onChunk(buffer.subarray(0, end))
      buffer = buffer.subarray(end)
    }
    this.#rest = buffer
  }
}

function cut(bytes: Buffer): number {
  const end = Math.min(bytes.length, sizes.max)
  let hash = 0
  for (let at = sizes.min; at < end; at++) {
    hash = ((hash << 1) + (gear[bytes[at] ?? 0] ?? 0)) | 0
    // The high bits have seen the last 18 bytes and more.
    if (((hash >>> 18) & sizes.mask) === 0) return at + 1
  }
  return end
}
