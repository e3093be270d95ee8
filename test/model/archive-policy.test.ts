import {expect, test} from 'vitest'
import type {TarMember} from '../../src/lib/tar-reader.ts'
import {type ArchiveLimits, ArchivePolicy, ArchiveRefusal} from '../../src/model/archive-policy.ts'

const member = (more: Partial<TarMember>): TarMember => ({
  name: 'a',
  kind: 'file',
  typeFlag: '0',
  mode: 0o644,
  sizeBytes: 0,
  target: '',
  ...more,
})

function plan(members: readonly Partial<TarMember>[], limits: Partial<ArchiveLimits> = {}) {
  const policy = new ArchivePolicy(limits)
  for (const each of members) policy.add(member(each))
  return policy.finish()
}

/** Whole archives are in test/engines/slug/extract-archive.test.ts. */
test('a plan has a step for each member, without app/ where all lie below it', () => {
  const {members, wasBelowApp, unpackedBytes} = plan([
    {name: 'app/', kind: 'folder'},
    {name: 'app/run', mode: 0o4755, sizeBytes: 5},
    {name: 'app/x/link', kind: 'link', target: '../run'},
    {name: 'app/copy', kind: 'hard-link', target: 'app/run'},
  ])
  expect(wasBelowApp).toBe(true)
  expect(unpackedBytes).toBe(10)
  expect(members).toEqual([
    {kind: 'folder', path: ''},
    {kind: 'file', path: 'run', isExecutable: true, sizeBytes: 5},
    {kind: 'link', path: 'x/link', target: '../run'},
    {kind: 'copy', path: 'copy', from: 'run', isExecutable: true},
  ])
})

test('limits hold to the last byte', () => {
  expect(plan([{sizeBytes: 10}], {unpackedBytes: 10}).unpackedBytes).toBe(10)
  expect(() => plan([{sizeBytes: 11}], {unpackedBytes: 10})).toThrow(ArchiveRefusal)
  expect(() => plan([{}, {name: 'b'}], {members: 2})).not.toThrow()
  expect(() => plan([{}, {name: 'b'}, {name: 'c'}], {members: 2})).toThrow('more than 2 members')
  expect(() => plan([{name: 'abc'}], {componentBytes: 3, pathBytes: 3})).not.toThrow()
  expect(() => plan([{name: 'abcd'}], {componentBytes: 3})).toThrow('a name of more than 3 bytes')
})

test('the ratio counts beyond what is free of it', () => {
  const policy = new ArchivePolicy({ratio: 10, ratioFreeBytes: 100})
  expect(() => policy.checkRatio({readBytes: 5, unpackedBytes: 150})).not.toThrow()
  expect(() => policy.checkRatio({readBytes: 5, unpackedBytes: 151})).toThrow('more than 10 times its size')
})

test('names that would steer a terminal are shown as escapes, in one line', () => {
  expect(() => plan([{name: '/\u001b[2J\nx'}])).toThrow('/\\u001b[2J\\nx: an absolute path')
})
