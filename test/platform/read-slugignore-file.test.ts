import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {slugignoreMatcher} from '../../src/model/slugignore.ts'
import {readSlugignoreFile} from '../../src/platform/read-slugignore-file.ts'
import {test} from '../support/temp-folder.ts'

test('without .slugignore nothing is ignored', ({folder}) => {
  expect(slugignoreMatcher(readSlugignoreFile(folder))('a')).toBe(false)
})

test('its patterns are read', ({folder}) => {
  writeFileSync(join(folder, '.slugignore'), '*.log\n')
  expect(slugignoreMatcher(readSlugignoreFile(folder))('a.log')).toBe(true)
})

test('a mistake is exit 3 with its place', ({folder}) => {
  writeFileSync(join(folder, '.slugignore'), 'a\n../b\n')
  const place = {file: '.slugignore', line: 2, column: 1}
  expect(() => readSlugignoreFile(folder)).toThrow(expect.objectContaining({code: 'SLUGIGNORE_INVALID', exitCode: 3, place}))
})
