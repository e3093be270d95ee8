import {expect, test} from 'vitest'
import {isStackName, maxSlugJsonBytes, readSlugJson, renderSlugJson, type SlugJson} from '../../src/model/slug-json.ts'

const facts: SlugJson = {
  processTypes: new Map([
    ['web', 'bin/web $PORT'],
    ['api-1', 'a "b" \\ \u00e9\n'],
  ]),
  stack: 'heroku-24',
  os: 'linux',
  arch: 'x64',
  libc: 'glibc',
}

test('what is rendered is read again', () => {
  const read = readSlugJson(Buffer.from(renderSlugJson(facts)))
  expect(read).toEqual({...facts, processTypes: new Map([...facts.processTypes].reverse())})
})

test('the same facts have the same bytes, whatever the order of their types', () => {
  const turned = {...facts, processTypes: new Map([...facts.processTypes].reverse())}
  expect(renderSlugJson(turned)).toBe(renderSlugJson(facts))
  expect(renderSlugJson(facts)).toBe(
    '{"arch":"x64","libc":"glibc","os":"linux","processTypes":{"api-1":"a \\"b\\" \\\\ \u00e9\\n","web":"bin/web $PORT"},"stack":"heroku-24"}',
  )
})

test('names that JavaScript has for itself are types like others', () => {
  const types = new Map([
    ['__proto__', 'a'],
    ['constructor', 'b'],
    ['1', 'c'],
  ])
  const read = readSlugJson(Buffer.from(renderSlugJson({...facts, processTypes: types})))
  expect(typeof read === 'string' ? read : new Map([...read.processTypes].sort())).toEqual(new Map([...types].sort()))
})

test.for<readonly [json: unknown, reason: string]>([
  [null, 'no JSON object'],
  ['text', 'no JSON object'],
  [{}, 'arch is missing'],
  [{...facts, processTypes: {web: 'x'}, extra: 1}, '"extra" is no key of it'],
  [{...facts, processTypes: {web: 'x'}, arch: 'pdp11'}, 'arch is none of'],
  [{...facts, processTypes: {web: 'x'}, libc: 7}, 'libc is none of'],
  [{...facts, processTypes: 'web'}, 'processTypes is no object'],
  [{...facts, processTypes: {'-web': 'x'}}, '"-web" is no name of a process type'],
  [{...facts, processTypes: {web: 7}}, 'the command of web is no command'],
  [{...facts, processTypes: {web: 'a\0b'}}, 'the command of web is no command'],
])('%j is refused: %s', ([json, reason]) => {
  expect(readSlugJson(Buffer.from(JSON.stringify(json)))).toContain(reason)
})

test('a slug.json without measure is not parsed', () => {
  expect(readSlugJson(Buffer.alloc(maxSlugJsonBytes + 1, ' '))).toBe(`more than ${maxSlugJsonBytes} bytes`)
})

test.for([
  ['heroku-24', true],
  ['registry.example.com/stack:24@sha256:abc', true],
  ['', false],
  ['two words', false],
  ['-x', false],
  [24, false],
  ['x'.repeat(129), false],
] as const)('%j is the name of a stack: %s', ([name, expected]) => {
  expect(isStackName(name)).toBe(expected)
})
