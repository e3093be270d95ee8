import {expect, test} from 'vitest'
import {packTree, type TreeFile, unpackTree} from '../../src/lib/packed-tree.ts'

const files: readonly TreeFile[] = [
  {path: 'bin/detect', isExecutable: true, data: Buffer.from('#!/bin/sh\n')},
  {path: 'README ü.md', isExecutable: false, data: Buffer.from([0, 255, 10])},
  {path: 'empty', isExecutable: false, data: Buffer.alloc(0)},
]

test('a packed tree unpacks to the same files', () => {
  const unpacked = unpackTree(packTree(files)).map(file => ({...file, data: Buffer.from(file.data)}))
  expect(unpacked).toHaveLength(3)
  for (const file of files) expect(unpacked).toContainEqual(file)
})

test('the order of the files makes no difference', () => {
  expect(Buffer.from(packTree([...files].reverse()))).toEqual(Buffer.from(packTree(files)))
})

test('bytes that lie in the middle of others unpack too', () => {
  const packed = packTree(files)
  const inside = Buffer.concat([Buffer.alloc(7), packed, Buffer.alloc(3)]).subarray(7, 7 + packed.length)
  expect(unpackTree(inside).map(({path}) => path)).toEqual(['README ü.md', 'bin/detect', 'empty'])
})

test('no files are a tree too', () => {
  expect(unpackTree(packTree([]))).toEqual([])
})
