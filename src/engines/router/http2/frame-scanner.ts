/** Types of frames, and flags of theirs, that somebody looks for (RFC 9113, section 6). */
export const HEADERS = 1
export const RST_STREAM = 3
export const GOAWAY = 7

const headBytes = 9
/** Where an error code ends that is looked for. */
const codeEnds: Readonly<Record<number, number>> = {[RST_STREAM]: 13, [GOAWAY]: 17}

/** Sees the frames of HTTP/2 go by in bytes that are cut anywhere; of their payload it reads error codes alone. */
export class FrameScanner {
  readonly #onFrame: (type: number, stream: number, errorCode: number) => void
  readonly #head = Buffer.alloc(17)
  #headSize = 0
  #skip: number

  /** `preface`: bytes before the first frame. */
  constructor(preface: number, onFrame: (type: number, stream: number, errorCode: number) => void) {
    this.#skip = preface
    this.#onFrame = onFrame
  }

  scan(bytes: Buffer): void {
    for (let at = 0; at < bytes.length; ) {
      if (this.#skip > 0) {
        const size = Math.min(this.#skip, bytes.length - at)
        this.#skip -= size
        at += size
        continue
      }
      const size = Math.min(this.#wanted - this.#headSize, bytes.length - at)
      bytes.copy(this.#head, this.#headSize, at, at + size)
      this.#headSize += size
      at += size
      if (this.#headSize >= headBytes && this.#headSize === this.#wanted) this.#tell()
    }
  }

  /** How much of this frame is to be collected; a frame shorter than its type allows is collected to its end. */
  get #wanted(): number {
    if (this.#headSize < headBytes) return headBytes
    return Math.min(codeEnds[this.#head.readUInt8(3)] ?? headBytes, headBytes + this.#head.readUIntBE(0, 3))
  }

  #tell(): void {
    const head = this.#head
    const type = head.readUInt8(3)
    const size = this.#headSize
    this.#skip = headBytes + head.readUIntBE(0, 3) - size
    this.#headSize = 0
    this.#onFrame(type, head.readUInt32BE(5) & 0x7fffffff, size === codeEnds[type] ? head.readUInt32BE(size - 4) : 0)
  }
}
