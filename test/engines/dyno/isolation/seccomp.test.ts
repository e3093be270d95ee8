import {expect, test} from 'vitest'
import {seccompArchitecture, seccompFilter} from '../../../../src/engines/dyno/isolation/seccomp.ts'

const audit = {x64: 0xc000003e, arm64: 0xc00000b7} as const

type Call = {readonly architecture: number; readonly number: number; readonly args?: readonly number[]}

/** What the kernel would do with a system call: carries the program out as the kernel's own interpreter does. */
function decide(filter: Buffer, {architecture, number, args = []}: Call): string {
  const data = Buffer.alloc(64)
  data.writeUInt32LE(number >>> 0, 0)
  data.writeUInt32LE(architecture, 4)
  for (const [index, value] of args.entries()) data.writeUInt32LE(value >>> 0, 16 + 8 * index)
  let accumulator = 0
  for (let at = 0; at < filter.length; at += 8) {
    const [code, yes, no, value] = [
      filter.readUInt16LE(at),
      filter.readUInt8(at + 2),
      filter.readUInt8(at + 3),
      filter.readUInt32LE(at + 4),
    ]
    if (code === 0x20) accumulator = data.readUInt32LE(value)
    else if (code === 0x15) at += 8 * (accumulator === value ? yes : no)
    else if (code === 0x35) at += 8 * (accumulator >= value ? yes : no)
    else if (code === 0x45) at += 8 * ((accumulator & value) === 0 ? no : yes)
    else if (code === 0x06) return value === 0x7fff0000 ? 'allowed' : value === 0x80000000 ? 'killed' : `error ${value & 0xffff}`
    else throw new Error(`instruction ${code}`)
  }
  throw new Error('the program ran over its end')
}

const [eperm, enosys, eafnosupport] = ['error 1', 'error 38', 'error 97']

test.for([
  ['read', 0, 63, [], 'allowed'],
  ['openat', 257, 56, [], 'allowed'],
  ['execve', 59, 221, [], 'allowed'],
  ['seccomp', 317, 277, [], 'allowed'],
  ['mount', 165, 40, [], eperm],
  ['umount2', 166, 39, [], eperm],
  ['ptrace', 101, 117, [], eperm],
  ['process_vm_readv', 310, 270, [], eperm],
  ['unshare', 272, 97, [], eperm],
  ['setns', 308, 268, [], eperm],
  ['bpf', 321, 280, [], eperm],
  ['keyctl', 250, 219, [], eperm],
  ['io_uring_setup', 425, 425, [], eperm],
  ['userfaultfd', 323, 282, [], eperm],
  ['kexec_load', 246, 104, [], eperm],
  ['init_module', 175, 105, [], eperm],
  ['perf_event_open', 298, 241, [], eperm],
  ['clone of a thread', 56, 220, [0x003d0f00], 'allowed'],
  ['clone of a process', 56, 220, [0x01200011], 'allowed'],
  ['clone into a user namespace', 56, 220, [0x10000011], eperm],
  ['clone into a network namespace', 56, 220, [0x40000011], eperm],
  ['clone into a mount namespace', 56, 220, [0x00020011], eperm],
  ['clone3', 435, 435, [], enosys],
  ['ioctl TIOCGWINSZ', 16, 29, [0, 0x5413], 'allowed'],
  ['ioctl TIOCSTI', 16, 29, [0, 0x5412], eperm],
  ['ioctl TIOCLINUX', 16, 29, [0, 0x541c], eperm],
  ['socket AF_INET', 41, 198, [2], 'allowed'],
  ['socket AF_UNIX', 41, 198, [1], 'allowed'],
  ['socket AF_ALG', 41, 198, [38], eafnosupport],
  ['socket AF_VSOCK', 41, 198, [40], eafnosupport],
  ['a call that is not known yet', 999, 999, [], 'allowed'],
] as const)('%s is decided alike on x64 (%i) and arm64 (%i)', ([, x64, arm64, args, decision]) => {
  expect(decide(seccompFilter('x64'), {architecture: audit.x64, number: x64, args})).toBe(decision)
  expect(decide(seccompFilter('arm64'), {architecture: audit.arm64, number: arm64, args})).toBe(decision)
})

test('a program of another architecture is killed, and x32 has no calls', () => {
  expect(decide(seccompFilter('x64'), {architecture: 0x40000003, number: 0})).toBe('killed')
  expect(decide(seccompFilter('arm64'), {architecture: audit.x64, number: 0})).toBe('killed')
  expect(decide(seccompFilter('x64'), {architecture: audit.x64, number: 0x40000000 + 165})).toBe(enosys)
})

test.for([
  ['x64', 'x64'],
  ['arm64', 'arm64'],
  ['ia32', undefined],
] as const)('there is a list for %s: %s', ([arch, found]) => {
  expect(seccompArchitecture(arch)).toBe(found)
})
