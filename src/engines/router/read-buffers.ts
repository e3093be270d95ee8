const readBytes = 65_536
const keptSpares = 16

/** From this size of one read on, a connection reads into a buffer of its own. */
export const bulkBytes = 16_384

/**
 * Memory that dyno connections read into. A connection at rest, or one that gets little, shares a single buffer with all others:
 * its bytes are used up before the next read of anyone. One that gets much has a buffer of its own, which travels on to the
 * client's socket without a copy; while the socket cannot take it, the connection reads into the next one.
 */
export class ReadBuffers {
  readonly shared: Buffer = Buffer.allocUnsafeSlow(readBytes)
  readonly #spares: Buffer[] = []

  take(): Buffer {
    return this.#spares.pop() ?? Buffer.allocUnsafeSlow(readBytes)
  }

  /** Gives back a buffer that no write refers to any more. */
  give(buffer: Buffer): void {
    if (this.#spares.length < keptSpares) this.#spares.push(buffer)
  }
}
