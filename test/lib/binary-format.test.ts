import {readFileSync} from 'node:fs'
import fc from 'fast-check'
import {expect, test} from 'vitest'
import {type BinaryFacts, readBinary} from '../../src/lib/binary-format.ts'

const facts = (bytes: Buffer) => readBinary((position, length) => bytes.subarray(position, position + length))

type Elf = {
  readonly machine?: number
  readonly type?: number
  readonly loader?: string
  readonly needed?: readonly string[]
  readonly flags1?: number
  readonly abi?: number
  readonly is64?: boolean
  readonly isBig?: boolean
}

/** A small ELF file: header, two or three program headers, and what they point at. */
function elf({machine = 62, type = 3, loader, needed = [], flags1 = 0, abi = 0, is64 = true, isBig = false}: Elf): Buffer {
  const bytes = Buffer.alloc(4096)
  const half = (value: number, at: number) => (isBig ? bytes.writeUInt16BE(value, at) : bytes.writeUInt16LE(value, at))
  const word = (value: number, at: number) => (isBig ? bytes.writeUInt32BE(value, at) : bytes.writeUInt32LE(value, at))
  const wide = (value: number, at: number) => {
    if (!is64) word(value, at)
    else if (isBig) bytes.writeBigUInt64BE(BigInt(value), at)
    else bytes.writeBigUInt64LE(BigInt(value), at)
  }
  bytes.write('\x7fELF', 0, 'latin1')
  bytes.set([is64 ? 2 : 1, isBig ? 2 : 1, 1, abi], 4)
  half(type, 16)
  half(machine, 18)
  const [size, at] = is64 ? [56, 64] : [32, 52]
  wide(at, is64 ? 32 : 28)
  half(size, is64 ? 54 : 42)
  const segments: [type: number, offset: number, length: number][] = [[1, 0, 4096]]
  if (loader !== undefined) {
    bytes.write(`${loader}\0`, 1024, 'latin1')
    segments.push([3, 1024, loader.length + 1])
  }
  if (needed.length > 0 || flags1 > 0) {
    const width = is64 ? 8 : 4
    const strings = ['', ...needed].join('\0')
    bytes.write(`${strings}\0`, 2048, 'latin1')
    const rows: [number, number][] = [
      ...needed.map((name): [number, number] => [1, strings.indexOf(name)]),
      [5, 2048],
      [0x6ffffffb, flags1],
      [0, 0],
    ]
    for (const [row, [tag, value]] of rows.entries()) {
      wide(tag, 3072 + row * 2 * width)
      wide(value, 3072 + row * 2 * width + width)
    }
    segments.push([2, 3072, rows.length * 2 * width])
  }
  half(segments.length, is64 ? 56 : 44)
  for (const [row, [kind, offset, length]] of segments.entries()) {
    const start = at + row * size
    word(kind, start)
    wide(offset, start + (is64 ? 8 : 4))
    wide(offset, start + (is64 ? 16 : 8))
    wide(length, start + (is64 ? 32 : 16))
  }
  return bytes
}

const mach = (magic: number, cpu: number, type: number, isLittle = true) => {
  const bytes = Buffer.alloc(64)
  bytes.writeUInt32BE(magic, 0)
  if (isLittle) bytes.writeUInt32LE(cpu, 4)
  else bytes.writeUInt32BE(cpu, 4)
  if (isLittle) bytes.writeUInt32LE(type, 12)
  else bytes.writeUInt32BE(type, 12)
  return bytes
}

const fat = (inner: Buffer, parts = 2) => {
  const bytes = Buffer.alloc(4096)
  bytes.writeUInt32BE(0xcafebabe, 0)
  bytes.writeUInt32BE(parts, 4)
  bytes.writeUInt32BE(2048, 16)
  inner.copy(bytes, 2048)
  return bytes
}

const linux = {os: 'linux', arch: 'x64', libc: undefined, isProgram: false} as const

test.for<readonly [title: string, bytes: Buffer, facts: BinaryFacts | undefined]>([
  ['a program of glibc', elf({loader: '/lib64/ld-linux-x86-64.so.2'}), {...linux, libc: 'glibc', isProgram: true}],
  ['a program of musl', elf({loader: '/lib/ld-musl-x86_64.so.1'}), {...linux, libc: 'musl', isProgram: true}],
  ['a static program', elf({type: 2}), {...linux, isProgram: true}],
  ['a static program that can be moved', elf({flags1: 0x08000000}), {...linux, isProgram: true}],
  ['a library of glibc', elf({needed: ['libm.so.6', 'libc.so.6']}), {...linux, libc: 'glibc'}],
  ['a library of musl', elf({needed: ['libc.musl-x86_64.so.1']}), {...linux, libc: 'musl'}],
  ['a library that needs none', elf({}), linux],
  ['an object file', elf({type: 1}), linux],
  ['arm64', elf({machine: 183, loader: '/lib/ld-linux-aarch64.so.1'}), {...linux, arch: 'arm64', libc: 'glibc', isProgram: true}],
  ['32 bits', elf({machine: 3, is64: false, loader: '/lib/ld-linux.so.2'}), {...linux, arch: 'ia32', libc: 'glibc', isProgram: true}],
  ['big-endian', elf({machine: 22, isBig: true, loader: '/lib/ld64.so.1'}), {...linux, arch: 's390x', libc: 'glibc', isProgram: true}],
  ['a processor without a name', elf({machine: 247}), {...linux, arch: undefined}],
  ['FreeBSD', elf({abi: 9, type: 2}), {...linux, os: 'freebsd', isProgram: true}],
  ['a program of macOS', mach(0xcffaedfe, 0x0100000c, 2), {os: 'darwin', arch: 'arm64', libc: undefined, isProgram: true}],
  ['a library of macOS', mach(0xcffaedfe, 0x01000007, 6), {os: 'darwin', arch: 'x64', libc: undefined, isProgram: false}],
  ['big-endian macOS', mach(0xfeedface, 7, 2, false), {os: 'darwin', arch: 'ia32', libc: undefined, isProgram: true}],
  [
    'several processors in one file',
    fat(mach(0xcffaedfe, 0x0100000c, 2)),
    {os: 'darwin', arch: undefined, libc: undefined, isProgram: true},
  ],
  ['several in one library', fat(mach(0xcffaedfe, 0x0100000c, 6)), {os: 'darwin', arch: undefined, libc: undefined, isProgram: false}],
  ["Java's class files, which begin alike", fat(Buffer.alloc(0), 0x00000034), undefined],
  ['text', Buffer.from('#!/bin/sh\nexec something that is long enough\n'), undefined],
  ['nothing', Buffer.alloc(0), undefined],
  ['the beginning of an ELF file', elf({}).subarray(0, 40), undefined],
])('%s', ([, bytes, expected]) => {
  expect(facts(bytes)).toEqual(expected)
})

test.runIf(process.platform === 'linux')('the Node that runs this is told as it is', () => {
  const glibc = (process.report.getReport() as {header: {glibcVersionRuntime?: string}}).header.glibcVersionRuntime
  expect(facts(readFileSync(process.execPath))).toEqual({
    os: 'linux',
    arch: process.arch,
    libc: glibc === undefined ? 'musl' : 'glibc',
    isProgram: true,
  })
})

test('any bytes give facts or none, without an error', () => {
  const sample = elf({loader: '/lib64/ld-linux-x86-64.so.2', needed: ['libc.so.6']})
  fc.assert(
    fc.property(fc.uint8Array({maxLength: 64}), fc.nat(200), (junk, at) => {
      const spoilt = Buffer.from(sample)
      spoilt.set(junk, at)
      expect(() => facts(spoilt)).not.toThrow()
      expect(() => facts(Buffer.concat([Buffer.from('\x7fELF\x02\x01', 'latin1'), junk]))).not.toThrow()
    }),
    {numRuns: 500},
  )
})
