import type {ByteName} from './file-name.ts'

/** What one header block of a tar archive says. */
export type BlockFields = {
  readonly name: ByteName
  readonly mode: number
  readonly sizeBytes: number
  readonly typeFlag: string
  readonly target: ByteName
}

/** Reads a header block; a text instead of the fields says what is wrong with it. */
export function readBlock(block: Buffer): BlockFields | string {
  if (!hasGoodChecksum(block)) return 'a wrong checksum in the header behind this member'
  const sizeBytes = readNumber(block, 124, 12)
  if (sizeBytes === undefined) return 'a size that is no number in the header behind this member'
  const name = readText(block, 0, 100)
  const isPosix = block.toString('latin1', 257, 263) === 'ustar\0'
  const prefix = isPosix ? readText(block, 345, 155) : ''
  return {
    name: prefix === '' ? name : `${prefix}/${name}`,
    // A mode that cannot be read is repaired like any other.
    mode: readNumber(block, 100, 8) ?? 0,
    sizeBytes,
    typeFlag: block.toString('latin1', 156, 157),
    target: readText(block, 157, 100),
  }
}

/** The sum of all bytes with blanks in the place of the sum; some old programs added them as signed numbers. */
function hasGoodChecksum(block: Buffer): boolean {
  const expected = readNumber(block, 148, 8)
  const blanks = 8 * 0x20
  if (expected === blanks + sumOf(block, 0, 148) + sumOf(block, 156, block.length)) return true
  const signed = new Int8Array(block.buffer, block.byteOffset, block.length)
  return expected === blanks + sumOf(signed, 0, 148) + sumOf(signed, 156, block.length)
}

function sumOf(bytes: Uint8Array | Int8Array, start: number, end: number): number {
  let sum = 0
  for (let index = start; index < end; index++) sum += bytes[index] ?? 0
  return sum
}

/** Octal digits between blanks and zero bytes, or (GNU) a binary number behind a byte of 0x80. */
function readNumber(block: Buffer, start: number, length: number): number | undefined {
  if (block[start] === 0x80) {
    let value = 0
    for (let index = start + 1; index < start + length; index++) value = value * 256 + (block[index] ?? 0)
    return Number.isSafeInteger(value) ? value : undefined
  }
  const digits = block.toString('latin1', start, start + length).replaceAll(/^[ \0]+|[ \0].*$/gs, '')
  return /^[0-7]*$/.test(digits) ? Number.parseInt(digits || '0', 8) : undefined
}

function readText(block: Buffer, start: number, length: number): ByteName {
  const end = block.indexOf(0, start)
  return block.toString('latin1', start, end < 0 || end > start + length ? start + length : end)
}
