/** One instruction of classic BPF; the targets of a jump are names of labels further down. */
export type Instruction =
  | {readonly kind: 'load'; readonly offset: number}
  | {
      readonly kind: 'jump'
      readonly test: 'equal' | 'at-least' | 'any-bit'
      readonly value: number
      readonly whenTrue?: string
      readonly whenFalse?: string
    }
  | {readonly kind: 'return'; readonly value: number}
  | {readonly kind: 'label'; readonly name: string}

const codes = {load: 0x20, equal: 0x15, 'at-least': 0x35, 'any-bit': 0x45, return: 0x06} as const
const instructionBytes = 8
const farthestJump = 255

/**
 * Assembles classic BPF into the bytes of an array of `struct sock_filter` in the byte order of x86_64 and aarch64.
 * A jump without `whenTrue` or `whenFalse` goes on with the next instruction on that side. Jumps go forward only, by at most
 * 255 instructions, as the kernel demands; a label that is missing, behind or too far away is a RangeError.
 */
export function assembleBpf(program: readonly Instruction[]): Buffer {
  const labels = new Map<string, number>()
  const instructions = program.filter((instruction, index) => {
    if (instruction.kind !== 'label') return true
    labels.set(instruction.name, index - labels.size)
    return false
  })
  const bytes = Buffer.alloc(instructions.length * instructionBytes)
  const distance = (label: string | undefined, from: number): number => {
    if (label === undefined) return 0
    const jump = (labels.get(label) ?? -1) - from - 1
    if (jump < 0 || jump > farthestJump) throw new RangeError(`BPF cannot jump from instruction ${from} to “${label}”`)
    return jump
  }
  for (const [index, instruction] of instructions.entries()) {
    const at = index * instructionBytes
    if (instruction.kind === 'jump') {
      bytes.writeUInt16LE(codes[instruction.test], at)
      bytes.writeUInt8(distance(instruction.whenTrue, index), at + 2)
      bytes.writeUInt8(distance(instruction.whenFalse, index), at + 3)
      bytes.writeUInt32LE(instruction.value, at + 4)
    } else if (instruction.kind !== 'label') {
      bytes.writeUInt16LE(codes[instruction.kind], at)
      bytes.writeUInt32LE(instruction.kind === 'load' ? instruction.offset : instruction.value, at + 4)
    }
  }
  return bytes
}
