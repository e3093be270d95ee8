import {expect, test} from 'vitest'
import {byteName, inByteOrder, pathOf, shownName, textOf} from '../../src/lib/file-name.ts'

test.for(['plain', 'ünïcode', '日本', 'a b\n'])('%j becomes bytes and text again', text => {
  const name = byteName(text)
  expect(Buffer.from(name, 'latin1').toString()).toBe(text)
  expect(textOf(name)).toBe(text)
})

test('paths are text as long as they are ASCII, and bytes then', () => {
  expect(pathOf('a/b')).toBe('a/b')
  expect(pathOf('\xff')).toEqual(Buffer.from([0xff]))
  expect(textOf('\xff')).toBe('\ufffd')
})

test('the order is that of bytes', () => {
  const names = ['b', 'ä', 'a', 'Z', 'a-b', 'a.b', 'a/b', '€', '\u{1f600}'].map(byteName)
  const expected = [...names].sort((one, other) => Buffer.compare(Buffer.from(one, 'latin1'), Buffer.from(other, 'latin1')))
  expect(names.sort(inByteOrder)).toEqual(expected)
})

test.for([
  ['a\nb\tc\rd', 'a\\nb\\tc\\rd'],
  ['\u001b[31m', '\\u001b[31m'],
  ['a\u202eb', 'a\\u202eb'],
  ['ünïcode', 'ünïcode'],
] as const)('%j is shown in one line', ([text, shown]) => {
  expect(shownName(byteName(text))).toBe(shown)
})
