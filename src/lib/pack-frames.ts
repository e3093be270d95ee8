import {constants, crc32, deflateRaw, zstdCompress} from 'node:zlib'

/** How the frames of a stream become a file: bytes before, between and after them. */
export type FramePacking = {
  readonly frameBytes: number
  readonly head: Buffer
  /** Packs the next frame; to be called in order. */
  pack(frame: Buffer): Promise<Buffer>
  /** What follows the last frame. */
  tail(): Buffer
}

export const packings = ['tar', 'tar.gz', 'tar.zst'] as const
export type Packing = (typeof packings)[number]

/**
 * These numbers, like the libraries in our own Node, are part of the format: other ones give other bytes for the same slug.
 * `outputBytes`: zstd cuts its blocks by the room it is given.
 */
const zstd = {frameBytes: 4 * 1024 * 1024, level: 3, outputBytes: 1024 * 1024} as const
const gzip = {frameBytes: 1024 * 1024, level: 6, memLevel: 9, windowBytes: 32 * 1024} as const

export function framePacking(packing: Packing): FramePacking {
  if (packing === 'tar.zst') return {frameBytes: zstd.frameBytes, head: empty, pack: packZstdFrame, tail: () => empty}
  return packing === 'tar.gz' ? gzipPacking() : plainPacking
}

const empty = Buffer.alloc(0)

const plainPacking: FramePacking = {frameBytes: 1024 * 1024, head: empty, pack: async frame => frame, tail: () => empty}

/**
 * One zstd frame for each frame of ours: the file is a plain .zst to every reader, and frames can be packed and unpacked side
 * by side. (Threads of zstd's own would make other bytes from run to run; findings 4.2.)
 */
export function packZstdFrame(frame: Buffer): Promise<Buffer> {
  const params = {[constants.ZSTD_c_compressionLevel]: zstd.level, [constants.ZSTD_c_checksumFlag]: 1}
  return new Promise((resolve, reject) =>
    zstdCompress(frame, {params, chunkSize: zstd.outputBytes}, (error, packed) => (error === null ? resolve(packed) : reject(error))),
  )
}

/** Nobody's name, no time, no flags; 255: an unknown system (else this byte would tell where it was made). */
const gzipHead = Buffer.from([0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255])
const lastBlock = Buffer.from([3, 0])

/** One gzip member of blocks that were packed side by side, each knowing the end of the one before, as pigz does it. */
function gzipPacking(): FramePacking {
  let window: Buffer | undefined
  let checksum = 0
  let rawBytes = 0
  return {
    frameBytes: gzip.frameBytes,
    head: gzipHead,
    pack(frame) {
      const dictionary = window
      window = Buffer.from(frame.subarray(-gzip.windowBytes))
      checksum = crc32(frame, checksum)
      rawBytes += frame.length
      return deflateBlock(frame, dictionary)
    },
    tail() {
      const end = Buffer.alloc(8)
      end.writeUInt32LE(checksum, 0)
      end.writeUInt32LE(rawBytes % 2 ** 32, 4)
      return Buffer.concat([lastBlock, end])
    },
  }
}

function deflateBlock(frame: Buffer, dictionary: Buffer | undefined): Promise<Buffer> {
  const {level, memLevel, frameBytes} = gzip
  const options = {
    level,
    memLevel,
    chunkSize: frameBytes,
    finishFlush: constants.Z_SYNC_FLUSH,
    ...(dictionary === undefined ? {} : {dictionary}),
  }
  return new Promise((resolve, reject) => deflateRaw(frame, options, (error, packed) => (error === null ? resolve(packed) : reject(error))))
}
