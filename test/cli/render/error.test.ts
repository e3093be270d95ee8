import {expect, test} from 'vitest'
import {painter} from '../../../src/cli/colour.ts'
import {describeError} from '../../../src/cli/describe-error.ts'
import {errorDocument, renderError} from '../../../src/cli/render/error.ts'
import {UnsafeFolderError} from '../../../src/lib/private-folder.ts'
import {HomeportError} from '../../../src/model/error.ts'

const plain = painter(false)
const place = {file: 'Procfile', line: 3, column: 1}
const error = new HomeportError('PROCFILE_INVALID', 'This line is none of a Procfile.', {hint: 'Write `web: COMMAND`.', place})

test('an error is one block: message, place, hint', () => {
  expect(renderError(describeError(error), plain)).toBe(
    ' ›   Error: This line is none of a Procfile.\n ›   Procfile:3:1\n ›   Write `web: COMMAND`.\n',
  )
})

test('each line of a long message stands in the block', () => {
  expect(renderError(describeError(new HomeportError('BUILD_FAILED', 'a\nb')), plain)).toBe(' ›   Error: a\n ›   b\n')
})

test('the stack comes with HOMEPORT_DEBUG only, with those of the causes', () => {
  const facts = describeError(new HomeportError('DISK_FULL', 'Full.', {cause: new Error('deep')}))
  expect(renderError(facts, plain)).not.toContain('error.test.ts')
  expect(renderError(facts, plain, {withStack: true})).toMatch(/HomeportError: Full\.\n {4}at .*[\s\S]*Caused by: Error: deep\n {4}at/)
})

test('anything else is our bug, with its stack and exit code 1', () => {
  const facts = describeError(new TypeError('x is undefined'))
  expect(facts).toMatchObject({code: 'BUG', class: 'BUG', exitCode: 1})
  expect(renderError(facts, plain)).toMatch(
    /^ › {3}Error: A bug in Homeport: x is undefined\n › {3}Please report it.*\nTypeError: x is undefined\n {4}at/,
  )
  expect(describeError('thrown text')).toMatchObject({message: 'A bug in Homeport: thrown text', exitCode: 1})
})

test.for([
  [new UnsafeFolderError('/x', 'is a link.'), 'STATE_FOLDER_UNSAFE'],
  [Object.assign(new Error('ENOSPC: no space left on device, write'), {code: 'ENOSPC'}), 'DISK_FULL'],
  [Object.assign(new Error('EROFS: read-only file system'), {code: 'EROFS'}), 'NO_PERMISSION'],
  [Object.assign(new Error('listen EMFILE: too many open files'), {code: 'EMFILE'}), 'TOO_MANY_FILES'],
] as const)('%s is the machine’s', ([thrown, code]) => {
  expect(describeError(thrown)).toMatchObject({code, class: 'MACHINE', exitCode: 5})
})

test('the JSON form leaves out what does not apply', () => {
  expect(errorDocument(describeError(error))).toEqual({
    error: {
      code: 'PROCFILE_INVALID',
      class: 'APP',
      exitCode: 3,
      message: 'This line is none of a Procfile.',
      hint: 'Write `web: COMMAND`.',
      file: 'Procfile',
      line: 3,
      column: 1,
    },
  })
  expect(errorDocument(describeError(new HomeportError('USAGE', 'No.')))).toEqual({
    error: {code: 'USAGE', class: 'USAGE', exitCode: 2, message: 'No.'},
  })
})

test('text from files does not steer the terminal', () => {
  expect(renderError(describeError(new HomeportError('USAGE', 'a\u001b]0;x\u0007b\r')), plain)).toBe(' ›   Error: a�]0;x�b�\n')
})

test('on a terminal the word Error is red', () => {
  expect(renderError(describeError(error), painter(true))).toContain('\u001b[31mError:\u001b[39m This')
})
