import {expect, test} from 'vitest'
import type {BinaryFacts} from '../../src/lib/binary-format.ts'
import {anyPlatform, decodeFacts, encodeFacts, PlatformVotes, type SlugPlatform} from '../../src/model/slug-platform.ts'

const program: BinaryFacts = {os: 'linux', arch: 'x64', libc: 'glibc', isProgram: true}
const library: BinaryFacts = {...program, isProgram: false}
const mac: BinaryFacts = {os: 'darwin', arch: 'arm64', libc: undefined, isProgram: true}

test.for<readonly [title: string, files: readonly (readonly [string, BinaryFacts])[], platform: SlugPlatform]>([
  ['nothing of a machine', [], anyPlatform],
  ['one program', [['bin/x', program]], {os: 'linux', arch: 'x64', libc: 'glibc'}],
  ['a program without a C library', [['bin/x', {...program, libc: undefined}]], {os: 'linux', arch: 'x64', libc: 'any'}],
  ['a library', [['x.node', {...library, libc: 'musl'}]], {os: 'linux', arch: 'x64', libc: 'musl'}],
  [
    'libraries for several machines to choose from',
    [
      ['linux.node', library],
      ['mac.node', {...mac, isProgram: false}],
    ],
    {os: 'any', arch: 'any', libc: 'glibc'},
  ],
  [
    'a program beside libraries of others',
    [
      ['bin/x', program],
      ['mac.node', {...mac, isProgram: false}],
    ],
    {os: 'linux', arch: 'x64', libc: 'glibc'},
  ],
  [
    'a runtime beside programs of others',
    [
      ['.homeport/node/bin/node', program],
      ['vendor/mac', mac],
    ],
    {os: 'linux', arch: 'x64', libc: 'glibc'},
  ],
  [
    'the runtime of an old buildpack',
    [
      ['.heroku/python/bin/python', program],
      ['vendor/mac', mac],
    ],
    {os: 'linux', arch: 'x64', libc: 'glibc'},
  ],
  [
    'programs that do not agree',
    [
      ['a', program],
      ['b', {...program, arch: 'arm64'}],
    ],
    {os: 'linux', arch: 'any', libc: 'glibc'},
  ],
  ['a processor without a name', [['a', {...program, arch: undefined}]], {os: 'linux', arch: 'any', libc: 'glibc'}],
])('%s', ([, files, platform]) => {
  for (const order of [files, files.toReversed()]) {
    const votes = new PlatformVotes()
    for (const [path, facts] of order) votes.add(path, facts)
    expect(votes.platform).toEqual(platform)
  }
})

test.for<BinaryFacts | undefined>([
  undefined,
  program,
  library,
  mac,
  {...program, libc: 'musl', arch: 'mips'},
  {...mac, arch: undefined},
  {...library, os: 'freebsd', libc: undefined},
])('facts fit into a number and come out again: %j', facts => {
  expect(encodeFacts(facts)).toBeLessThan(2 ** 16)
  expect(decodeFacts(encodeFacts(facts))).toEqual(facts)
})

test('numbers that the store has never change their meaning', () => {
  expect([undefined, program, {...program, libc: 'musl' as const}, mac].map(encodeFacts)).toEqual([0, 0xc101, 0xc201, 0xd002])
})
