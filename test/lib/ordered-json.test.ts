import fc from 'fast-check'
import {expect, test} from 'vitest'
import {orderedJson} from '../../src/lib/ordered-json.ts'

test('a map is an object in its own order', () => {
  const types = new Map([
    ['b', 'ls'],
    ['1', 'ls'],
    ['__proto__', 'ls'],
  ])
  expect(orderedJson({types, none: new Map()})).toBe(
    '{\n  "types": {\n    "b": "ls",\n    "1": "ls",\n    "__proto__": "ls"\n  },\n  "none": {}\n}',
  )
})

test('all else is written as JSON.stringify does', () => {
  fc.assert(fc.property(fc.jsonValue(), value => orderedJson(value) === JSON.stringify(value, null, 2)))
  const odd = {left: undefined, list: [undefined, new Date(0), []], text: '\u2028é"'}
  expect(orderedJson(odd)).toBe(JSON.stringify(odd, null, 2))
})
