import {chmodSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {findProgram} from '../../src/lib/find-program.ts'
import {test} from '../support/temp-folder.ts'

function makeTree(folder: string) {
  for (const name of ['a', 'b', 'b/run']) mkdirSync(join(folder, name))
  for (const name of ['a/text', 'a/tool', 'b/tool']) writeFileSync(join(folder, name), '')
  for (const name of ['a/tool', 'b/tool']) chmodSync(join(folder, name), 0o755)
  return {path: `${folder}/none:${folder}/a:b`, folder}
}

test('a name is looked for in the folders of PATH, in order, a relative one below the folder', ({folder}) => {
  const place = makeTree(folder)
  expect(findProgram('tool', place)).toBe(join(folder, 'a/tool'))
  expect(findProgram('tool', {...place, path: 'b'})).toBe(join(folder, 'b/tool'))
})

test('a path is taken as it is', ({folder}) => {
  const place = makeTree(folder)
  expect(findProgram('./b/tool', place)).toBe(join(folder, 'b/tool'))
  expect(findProgram('b/none', place)).toBeUndefined()
})

test('an empty part of PATH is the folder itself', ({folder}) => {
  makeTree(folder)
  expect(findProgram('tool', {path: ':/nowhere', folder: join(folder, 'a')})).toBe(join(folder, 'a/tool'))
})

test.for(['text', 'run', 'none'])('%s is no program: not executable, a folder, not there', (name, {folder}) => {
  expect(findProgram(name, makeTree(folder))).toBeUndefined()
})
