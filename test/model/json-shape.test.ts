import {describe, expect, test} from 'vitest'
import {parseJson} from '../../src/lib/parse-json.ts'
import {jsonShape, noteUnknownMembers} from '../../src/model/json-shape.ts'
import {problemLog} from '../../src/model/problem.ts'
import {placesOf} from '../support/peer-cases.ts'

function shaped<T>(json: string, read: (shape: ReturnType<typeof jsonShape>, node: ReturnType<typeof parseJson>['root']) => T) {
  const log = problemLog('app.json')
  const value = read(jsonShape(log), parseJson(json).root)
  return {value, problems: placesOf(log.problems())}
}

describe('the type that is expected is taken, one that is near with a warning, any other is an error', () => {
  test.for<[kind: 'text' | 'boolean' | 'count', json: string, value: unknown, problem?: string]>([
    ['text', '"a"', 'a'],
    ['text', '1.5', '1.5', 'warning 1:1 loose-type'],
    ['text', 'true', 'true', 'warning 1:1 loose-type'],
    ['text', 'null', undefined],
    ['text', '[]', undefined, 'error 1:1 wrong-type'],
    ['text', ' {}', undefined, 'error 1:2 wrong-type'],
    ['boolean', 'false', false],
    ['boolean', '"true"', true, 'warning 1:1 loose-type'],
    ['boolean', '"yes"', undefined, 'error 1:1 wrong-type'],
    ['boolean', '1', undefined, 'error 1:1 wrong-type'],
    ['count', '2', 2],
    ['count', '"2"', 2, 'warning 1:1 loose-type'],
    ['count', '-1', undefined, 'error 1:1 wrong-type'],
    ['count', '1.5', undefined, 'error 1:1 wrong-type'],
    ['count', '1e99', undefined, 'error 1:1 wrong-type'],
    ['count', 'null', undefined],
  ])('%s of %s', ([kind, json, value, problem]) => {
    expect(shaped(json, (shape, node) => shape[kind](node, 'x'))).toEqual({value, problems: problem === undefined ? [] : [problem]})
  })
})

test.for<[json: string, count: number, problem?: string]>([
  ['[1, 2]', 2],
  ['"a"', 1, 'warning 1:1 loose-type'],
  ['null', 0],
])('items of %s', ([json, count, problem]) => {
  const {value, problems} = shaped(json, (shape, node) => shape.items(node, 'x').length)
  expect([value, problems]).toEqual([count, problem === undefined ? [] : [problem]])
})

test('members of what is no object are none', () => {
  expect(shaped('[]', (shape, node) => shape.members(node, 'x').size)).toEqual({value: 0, problems: ['error 1:1 wrong-type']})
  expect(shaped('null', (shape, node) => shape.members(node, 'x').size)).toEqual({value: 0, problems: []})
})

test('a member that nobody reads is noted', () => {
  const {problems} = shaped('{"a": 1,\n "b": 2}', (shape, node) => noteUnknownMembers(shape.members(node, 'x'), ['a'], 'x', shape))
  expect(problems).toEqual(['note 2:2 unknown-key'])
})

test('the message names types, not values', () => {
  const log = problemLog('app.json')
  jsonShape(log).text(parseJson('["geheim"]').root, 'env.A')
  expect(log.problems()[0]?.message).toBe('env.A is a list; text is expected here.')
})
