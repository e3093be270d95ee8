import {chmodSync, mkdirSync, writeFileSync} from 'node:fs'
import {expect} from 'vitest'
import {lookUpProgram} from '../../src/lib/look-up-program.ts'
import {test} from '../support/temp-folder.ts'

function program(path: string, mode = 0o755): string {
  writeFileSync(path, '#!/bin/sh\n')
  chmodSync(path, mode)
  return path
}

test('the first folder of PATH that has the program wins', ({folder}) => {
  mkdirSync(`${folder}/a`)
  mkdirSync(`${folder}/b`)
  const path = program(`${folder}/b/tool`)
  expect(lookUpProgram('tool', `${folder}/a:${folder}/b`)).toEqual({path})
  expect(lookUpProgram('tool', `${folder}/b:${folder}/a`)).toEqual({path: program(`${folder}/a/tool`).replace('/a/', '/b/')})
})

test('what is there but cannot be executed is passed over, and named when there is nothing better', ({folder}) => {
  mkdirSync(`${folder}/a`)
  mkdirSync(`${folder}/b`)
  program(`${folder}/a/tool`, 0o644)
  expect(lookUpProgram('tool', `${folder}/a:${folder}/b`)).toEqual({missing: 'not executable'})
  const path = program(`${folder}/b/tool`)
  expect(lookUpProgram('tool', `${folder}/a:${folder}/b`)).toEqual({path})
})

test('a folder is no program', ({folder}) => {
  mkdirSync(`${folder}/tool`)
  expect(lookUpProgram('tool', folder)).toEqual({missing: 'not executable'})
})

test('a name with a slash is a path, relative to the working directory', ({folder}) => {
  const path = program(`${folder}/tool`)
  expect(lookUpProgram('./tool', '/bin', folder)).toEqual({path: `${folder}/./tool`})
  expect(lookUpProgram(path, '')).toEqual({path})
  expect(lookUpProgram('./none', folder, folder)).toEqual({missing: 'not found'})
})

test.for(['', '/nowhere', 'relative', `/dev/null:/dev/null/x:/${'x'.repeat(5000)}`])('a PATH of "%s" leads to nothing', path => {
  expect(lookUpProgram('homeport-no-such-program', path)).toEqual({missing: 'not found'})
})

test('an empty part of PATH is the working directory', ({folder}) => {
  program(`${folder}/tool`)
  expect(lookUpProgram('tool', ':/bin', folder)).toEqual({path: `${folder}/./tool`})
})
