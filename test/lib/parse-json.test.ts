import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {type JsonNode, parseJson} from '../../src/lib/parse-json.ts'

/** The node as JSON.parse would give it. */
function plain(node: JsonNode | undefined): unknown {
  if (node === undefined) return undefined
  switch (node.kind) {
    case 'null':
      return null
    case 'array':
      return node.items.map(plain)
    case 'object':
      return Object.fromEntries([...node.members].map(([name, {value}]) => [name, plain(value)]))
    default:
      return node.value
  }
}

test('what is JSON is read as JSON.parse reads it, without fault', () => {
  fc.assert(
    fc.property(fc.jsonValue(), fc.constantFrom(undefined, 2, '\t'), (value, indent) => {
      const text = JSON.stringify(value, undefined, indent)
      const {root, faults} = parseJson(text)
      expect([plain(root), faults]).toEqual([JSON.parse(text), []])
    }),
    {numRuns: 500},
  )
})

test('what is no JSON has a fault, and what is JSON has none', () => {
  const soup = fc.string({unit: fc.constantFrom(...'{}[]",:0123.-+eE tfnrualse\\\n/*'), maxLength: 20})
  fc.assert(
    fc.property(soup, text => {
      const isJson = parses(text)
      const faults = parseJson(text).faults.filter(({kind}) => kind !== 'duplicate-key')
      expect(faults.length === 0).toBe(isJson)
    }),
    {numRuns: 5000},
  )
})

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

test('each value knows where it stands', () => {
  const {root} = parseJson('{\n  "a": [1,\n "x"],\n  "b": null}')
  const members = root?.kind === 'object' ? root.members : new Map()
  expect(members.get('a')).toMatchObject({
    key: {line: 2, column: 3},
    value: {
      line: 2,
      column: 8,
      items: [
        {line: 2, column: 9},
        {line: 3, column: 2},
      ],
    },
  })
  expect(members.get('b')).toMatchObject({key: {line: 4, column: 3}, value: {kind: 'null', line: 4, column: 8}})
})

describe('faults that do not end the reading', () => {
  test.for<[text: string, value: unknown, fault: string]>([
    ['[1,\n2,\n]', [1, 2], '2:2 trailing-comma'],
    ['{"a":1 , }', {a: 1}, '1:8 trailing-comma'],
    ['{"a":1 "b":2}', {a: 1, b: 2}, '1:8 missing-comma'],
    ['[1 2]', [1, 2], '1:4 missing-comma'],
    ['// c\n[1]', [1], '1:1 comment'],
    ['[1 /* c\n*/, 2]', [1, 2], '1:4 comment'],
    ['{"a":1,\n"a":2}', {a: 2}, '2:1 duplicate-key'],
    ['["a\tb", 1]', ['a\tb', 1], '1:2 bad-string'],
    [String.raw`["\x"]`, [String.raw`\x`], '1:2 bad-string'],
  ])('%j', ([text, value, fault]) => {
    const {root, faults} = parseJson(text)
    expect(plain(root)).toEqual(value)
    expect(faults.map(({line, column, kind}) => `${line}:${column} ${kind}`)).toEqual([fault])
  })

  test.for(['[1,2,]', '{"a":[1,],\n}'])('what is to be removed from %j makes it JSON', text => {
    const ranges = parseJson(text).faults.flatMap(({remove}) => (remove === undefined ? [] : [remove]))
    const mended = ranges.toReversed().reduce((rest, {start, end}) => rest.slice(0, start) + rest.slice(end), text)
    expect(parses(mended)).toBe(true)
  })
})

test.for<[text: string, fault: string]>([
  ['', '1:1 The text ends before its value does.'],
  ['[1,', '1:4 The text ends before its value does.'],
  ['{"a": 1', '1:8 The text ends before its value does.'],
  ['{"a" 1}', '1:6 A colon is missing behind the name “a”.'],
  ['{a: 1}', '1:2 A name in double quotes is missing.'],
  ["['a']", '1:2 JSON knows double quotes only.'],
  ['["a\n"]', '1:2 A string that no double quote closes on its line.'],
  ['[01]', '1:2 A value is missing here.'],
  ['{} x', '1:4 There is more behind the end of the value.'],
  ['['.repeat(200), '1:101 Nested deeper than 100 levels.'],
])('%.20j ends the reading', ([text, fault]) => {
  expect(parseJson(text).faults.map(({line, column, message}) => `${line}:${column} ${message}`)).toEqual([fault])
})

test.for(['[', '{"a":', '1,', '"', '/*', '//x\n', '[1 ', '{"a":1 ', '\\', '"a",', ' '])('1 MB of %j is read in linear time', junk => {
  expect(parseJson(`[${junk.repeat(1_000_000 / junk.length)}`).faults.length).toBeLessThanOrEqual(101)
})
