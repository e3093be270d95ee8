import {expect, test} from 'vitest'
import {applyEdits} from '../../src/model/text-edit.ts'

test('edits are made from left to right, whatever their order', () => {
  const edits = [
    {start: 4, end: 4, text: '!'},
    {start: 0, end: 1, text: ''},
  ]
  expect(applyEdits('abcd', edits)).toBe('bcd!')
})

test('an edit that is there twice is made once', () => {
  const edit = {start: 1, end: 1, text: ' '}
  expect(applyEdits('ab', [edit, {...edit}])).toBe('a b')
})

test('of two edits that overlap the later one is left out', () => {
  const edits = [
    {start: 0, end: 3, text: 'x'},
    {start: 2, end: 4, text: 'y'},
  ]
  expect(applyEdits('abcd', edits)).toBe('xd')
})

test('no edit leaves the text', () => {
  expect(applyEdits('abcd', [])).toBe('abcd')
})
