export type FrameWriterOptions = {
  /** How many bytes a frame holds before it is packed. */
  readonly frameBytes: number
  /** Packs a frame; several are packed at a time, each with a buffer that nobody else uses meanwhile. */
  readonly pack: (frame: Buffer) => Promise<Buffer>
  /** Takes the packed frames, in order. */
  readonly write: (packed: Buffer, rawBytes: number) => void
  /** Sees each frame in order before it is packed; may keep it until what it returns resolves. */
  readonly onFrame?: (frame: Buffer) => Promise<unknown> | undefined
}

/** Memory that other threads can read too. */
function newBuffer(bytes: number): Buffer {
  return Buffer.from(new SharedArrayBuffer(bytes))
}

/** Frames in work beside the one that is being filled: what the cores of a laptop can do, and a bound for memory. */
const framesAtOnce = 3

/**
 * Cuts a stream of bytes into frames of one size, which are packed side by side and written in order. Bytes can be read straight
 * into it (`room`, `filled`). What returns a promise wants it to be awaited before more comes: that is how memory stays bounded.
 */
export class FrameWriter {
  readonly #options: FrameWriterOptions
  readonly #free: Buffer[] = []
  readonly #inWork: {
    readonly packed: Promise<Buffer>
    readonly seen: Promise<unknown> | undefined
    readonly buffer: Buffer
    readonly rawBytes: number
  }[] = []
  #buffer: Buffer
  #used = 0
  #written = 0

  constructor(options: FrameWriterOptions) {
    this.#options = options
    this.#buffer = newBuffer(options.frameBytes)
  }

  /** How many bytes came so far. */
  get position(): number {
    return this.#written + this.#used
  }

  /** How many bytes the current frame has room for, at least one. */
  get roomBytes(): number {
    return this.#buffer.length - this.#used
  }

  /** What is left of the current frame: write into it, then call `filled`. */
  get room(): Buffer {
    return this.#buffer.subarray(this.#used)
  }

  /** So many bytes of `room` have been written. */
  filled(count: number): Promise<void> | undefined {
    this.#used += count
    return this.#used === this.#buffer.length ? this.cut() : undefined
  }

  append(bytes: Uint8Array): Promise<void> | undefined {
    if (bytes.length >= this.#buffer.length - this.#used) return this.#appendAcross(bytes)
    this.#buffer.set(bytes, this.#used)
    this.#used += bytes.length
    return undefined
  }

  /** Ends the current frame here, if there is anything in it. */
  async cut(): Promise<void> {
    if (this.#used === 0) return
    const frame = this.#buffer.subarray(0, this.#used)
    const seen = this.#options.onFrame?.(frame)
    const packed = this.#options.pack(frame)
    // The error comes when it is awaited, in order; until then it must not look forgotten.
    packed.catch(() => {})
    this.#inWork.push({packed, seen, buffer: this.#buffer, rawBytes: this.#used})
    this.#written += this.#used
    this.#used = 0
    while (this.#inWork.length >= framesAtOnce) await this.#writeFirst()
    this.#buffer = this.#free.pop() ?? newBuffer(this.#options.frameBytes)
  }

  /** Packs and writes what is left. */
  async finish(): Promise<void> {
    await this.cut()
    while (this.#inWork.length > 0) await this.#writeFirst()
  }

  async #writeFirst(): Promise<void> {
    const first = this.#inWork.shift()
    if (first === undefined) return
    this.#options.write(await first.packed, first.rawBytes)
    await first.seen
    this.#free.push(first.buffer)
  }

  async #appendAcross(bytes: Uint8Array): Promise<void> {
    let rest = bytes
    while (rest.length > 0) {
      const part = rest.subarray(0, this.#buffer.length - this.#used)
      this.#buffer.set(part, this.#used)
      rest = rest.subarray(part.length)
      await this.filled(part.length)
    }
  }
}
