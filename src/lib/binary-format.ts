/** What a program or library was made for, as its file says; undefined where the file does not say or it does not matter. */
export type BinaryFacts = {
  readonly os: 'linux' | 'freebsd' | 'darwin'
  /** In Node's words: x64, arm64 … Undefined for a file that holds several, or one that Node has no word for. */
  readonly arch: string | undefined
  /** The C library that it asks for; undefined for one that is static. */
  readonly libc: 'glibc' | 'musl' | undefined
  /** It can be started by itself; otherwise a library or an object file. */
  readonly isProgram: boolean
}

/** Reads up to `length` bytes of a file at a place; fewer at its end, none behind it. */
export type ReadAt = (position: number, length: number) => Buffer

/** How much of the beginning of a file tells whether it can be one. */
export const binaryHeadBytes = 64

const elfMagic = 0x7f454c46
/** Mach-O of 32 and 64 bits, in both byte orders as read big-endian, and several in one file. */
const machMagics = {littleEndian: [0xcefaedfe, 0xcffaedfe], bigEndian: [0xfeedface, 0xfeedfacf], fat: [0xcafebabe, 0xcafebabf]}

/** Whether the first bytes of a file are those of an ELF or Mach-O file, so that `readBinary` is worth its reading. */
export function looksBinary(head: Buffer): boolean {
  if (head.length < 24) return false
  const magic = head.readUInt32BE(0)
  return magic === elfMagic || isMach(magic) || isFat(head)
}

/** What kind of program or library a file is; undefined when it is none. Damaged ones give what can be read. */
export function readBinary(readAt: ReadAt): BinaryFacts | undefined {
  const head = readAt(0, binaryHeadBytes)
  if (!looksBinary(head)) return undefined
  if (head.readUInt32BE(0) === elfMagic) return readElf(head, readAt)
  return isFat(head) ? readFat(head, readAt) : readMach(head)
}

function isMach(magic: number): boolean {
  return machMagics.littleEndian.includes(magic) || machMagics.bigEndian.includes(magic)
}

/** Java's class files begin with the same four bytes, and then a version of 45 or more where this has the number of its parts. */
function isFat(head: Buffer): boolean {
  return machMagics.fat.includes(head.readUInt32BE(0)) && head.readUInt32BE(4) > 0 && head.readUInt32BE(4) < 40
}

const machArchs: Readonly<Record<number, string>> = {16777223: 'x64', 16777228: 'arm64', 7: 'ia32', 12: 'arm'}
const machExecutable = 2

/** One file for several processors: its first part tells what all are. */
function readFat(head: Buffer, readAt: ReadAt): BinaryFacts {
  const is64 = head.readUInt32BE(0) === machMagics.fat[1]
  const inner = readAt(is64 ? Number(head.readBigUInt64BE(16)) : head.readUInt32BE(16), binaryHeadBytes)
  const isProgram = inner.length >= 16 && isMach(inner.readUInt32BE(0)) && readMach(inner).isProgram
  return {os: 'darwin', arch: undefined, libc: undefined, isProgram}
}

function readMach(head: Buffer): BinaryFacts {
  const magic = head.readUInt32BE(0)
  const read = (at: number) => (machMagics.littleEndian.includes(magic) ? head.readUInt32LE(at) : head.readUInt32BE(at))
  return {os: 'darwin', arch: machArchs[read(4)], libc: undefined, isProgram: read(12) === machExecutable}
}

const elfArchs: Readonly<Record<number, string>> = {
  3: 'ia32',
  8: 'mips',
  21: 'ppc64',
  22: 's390x',
  40: 'arm',
  62: 'x64',
  183: 'arm64',
  243: 'riscv64',
  258: 'loong64',
}
const freebsdAbi = 9
const segment = {dynamic: 2, interpreter: 3}
const dynamicTag = {end: 0, needed: 1, stringTable: 5, flags1: 0x6ffffffb}
const positionIndependentProgram = 0x08000000
const executableType = 2
const maxSegments = 256
/** Of program headers, of the dynamic section, of the names of libraries: real ones are a hundred times smaller. */
const maxTableBytes = 64 * 1024

/** The numbers of an ELF file, in its byte order and width. */
type Numbers = {
  readonly is64: boolean
  half(bytes: Buffer, at: number): number
  word(bytes: Buffer, at: number): number
  /** As wide as an address. */
  wide(bytes: Buffer, at: number): number
}

type Segment = {readonly type: number; readonly offset: number; readonly address: number; readonly sizeBytes: number}

function readElf(head: Buffer, readAt: ReadAt): BinaryFacts | undefined {
  const numbers = elfNumbers(head)
  if (head.length < (numbers.is64 ? 64 : 52)) return undefined
  const segments = readSegments(head, numbers, readAt)
  const interpreter = segments.find(({type}) => type === segment.interpreter)
  const dynamic = segments.find(({type}) => type === segment.dynamic)
  const linked = dynamic === undefined ? {needed: [], isProgram: false} : readDynamic(dynamic, segments, numbers, readAt)
  const loader = interpreter === undefined ? '' : readText(readAt(interpreter.offset, Math.min(interpreter.sizeBytes, 256)), 0)
  return {
    os: head[7] === freebsdAbi ? 'freebsd' : 'linux',
    arch: elfArchs[numbers.half(head, 18)],
    libc: libcOf(loader, linked.needed),
    isProgram: interpreter !== undefined || numbers.half(head, 16) === executableType || linked.isProgram,
  }
}

function elfNumbers(head: Buffer): Numbers {
  const isLittle = head[5] !== 2
  const is64 = head[4] !== 1
  const word = (bytes: Buffer, at: number) => (at + 4 > bytes.length ? 0 : isLittle ? bytes.readUInt32LE(at) : bytes.readUInt32BE(at))
  return {
    is64,
    word,
    half: (bytes, at) => (at + 2 > bytes.length ? 0 : isLittle ? bytes.readUInt16LE(at) : bytes.readUInt16BE(at)),
    wide: (bytes, at) => {
      if (!is64) return word(bytes, at)
      if (at + 8 > bytes.length) return 0
      return Number(isLittle ? bytes.readBigUInt64LE(at) : bytes.readBigUInt64BE(at))
    },
  }
}

function readSegments(head: Buffer, numbers: Numbers, readAt: ReadAt): readonly Segment[] {
  const {is64, half, word, wide} = numbers
  const [sizeAt, countAt] = is64 ? [54, 56] : [42, 44]
  const [size, count] = [half(head, sizeAt), Math.min(half(head, countAt), maxSegments)]
  if (size < (is64 ? 56 : 32)) return []
  const table = readAt(wide(head, is64 ? 32 : 28), Math.min(size * count, maxTableBytes))
  return Array.from({length: Math.floor(table.length / size)}, (_, index) => {
    const at = index * size
    return {
      type: word(table, at),
      offset: wide(table, at + (is64 ? 8 : 4)),
      address: wide(table, at + (is64 ? 16 : 8)),
      sizeBytes: wide(table, at + (is64 ? 32 : 16)),
    }
  })
}

/** The names of the libraries that a file needs, and whether it calls itself a program (a static one that can be moved). */
function readDynamic(dynamic: Segment, segments: readonly Segment[], {is64, wide}: Numbers, readAt: ReadAt) {
  const bytes = readAt(dynamic.offset, Math.min(dynamic.sizeBytes, maxTableBytes))
  const width = is64 ? 8 : 4
  const names: number[] = []
  let strings = 0
  let flags = 0
  for (let at = 0; at + 2 * width <= bytes.length; at += 2 * width) {
    const [tag, value] = [wide(bytes, at), wide(bytes, at + width)]
    if (tag === dynamicTag.end) break
    if (tag === dynamicTag.needed) names.push(value)
    else if (tag === dynamicTag.stringTable) strings = value
    else if (tag === dynamicTag.flags1) flags = value
  }
  const holder = segments.find(({type, address, sizeBytes}) => type === 1 && strings >= address && strings < address + sizeBytes)
  const table = holder === undefined ? Buffer.alloc(0) : readAt(holder.offset + strings - holder.address, maxTableBytes)
  return {needed: names.map(at => readText(table, at)), isProgram: (flags & positionIndependentProgram) !== 0}
}

function libcOf(loader: string, needed: readonly string[]): BinaryFacts['libc'] {
  const names = [loader.slice(loader.lastIndexOf('/') + 1), ...needed]
  if (names.some(name => /^(?:ld-musl-|libc\.musl-)/.test(name))) return 'musl'
  return names.some(name => /^(?:libc\.so\.6|ld-linux.*|ld64?\.so\.[12])$/.test(name)) ? 'glibc' : undefined
}

function readText(bytes: Buffer, at: number): string {
  if (at >= bytes.length) return ''
  const end = bytes.indexOf(0, at)
  return bytes.toString('latin1', at, end < 0 ? Math.min(bytes.length, at + 256) : end)
}
