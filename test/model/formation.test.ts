import {describe, expect, it, test} from 'vitest'
import {checkType, parseScale, planFormation, scaleFormation} from '../../src/model/formation.ts'

const types = new Map([
  ['web', 'node web.js'],
  ['worker', 'node worker.js'],
  ['2', 'node two.js'],
  ['release', 'migrate'],
])
const plain = (formation: ReadonlyMap<string, number>) => Object.fromEntries(formation)

describe('planFormation', () => {
  test.for([
    ['one of each type, release never', {}, {web: 1, worker: 1, 2: 1}],
    ['a bare type: only that one', {arguments: ['web']}, {web: 1, worker: 0, 2: 0}],
    ['two types, one with a quantity', {arguments: ['web', 'worker=3']}, {web: 1, worker: 3, 2: 0}],
    ['TYPE=N alone leaves the others', {arguments: ['web=2']}, {web: 2, worker: 1, 2: 1}],
    ['-m all', {formation: 'all=2,web=0'}, {web: 0, worker: 2, 2: 2}],
    ['-x', {except: ['worker']}, {web: 1, worker: 0, 2: 1}],
    ['-x beats -m', {formation: 'worker=3', except: ['worker']}, {web: 1, worker: 0, 2: 1}],
    ['zero leaves a type out', {arguments: ['web=0']}, {web: 0, worker: 1, 2: 1}],
  ] as const)('%s', ([, wishes, expected]) => {
    expect(plain(planFormation(types, wishes))).toEqual(expected)
  })

  it('keeps file order, integer-like names too', () => {
    expect([...planFormation(types).keys()]).toEqual(['web', 'worker', '2'])
  })

  test.for([
    ['an argument', {arguments: ['nope']}],
    ['a formation', {formation: 'nope=1'}],
    ['an exception', {except: ['nope']}],
    ['release', {arguments: ['release']}],
  ] as const)('refuses an unknown type in %s, and names the known ones', ([, wishes]) => {
    expect(() => planFormation(types, wishes)).toThrow(
      expect.objectContaining({code: 'UNKNOWN_TYPE', exitCode: 2, hint: expect.stringContaining('web, worker, 2')}),
    )
  })
})

describe('parseScale', () => {
  test.for([
    ['web=2', {type: 'web', sign: '=', quantity: 2}],
    ['worker+1', {type: 'worker', sign: '+', quantity: 1}],
    ['web-1', {type: 'web', sign: '-', quantity: 1}],
    ['web-api-1', {type: 'web-api', sign: '-', quantity: 1}],
    ['web=2:standard-2x', {type: 'web', sign: '=', quantity: 2, size: 'standard-2x'}],
  ] as const)('%s', ([text, expected]) => {
    expect(parseScale(text)).toEqual(expected)
  })

  test.for(['web', 'web=', 'web=x', '=2', 'web=-1', 'web=99999', ''])('refuses %j', text => {
    expect(() => parseScale(text)).toThrow(expect.objectContaining({code: 'FLAG_INVALID', exitCode: 2}))
  })
})

describe('scaleFormation', () => {
  const formation = new Map([
    ['web', 1],
    ['worker', 2],
  ])
  it('changes what is named and nothing else', () => {
    expect(plain(scaleFormation(formation, [parseScale('web+2')]))).toEqual({web: 3, worker: 2})
    expect(plain(scaleFormation(formation, [parseScale('worker-5')]))).toEqual({web: 1, worker: 0})
    expect(plain(formation)).toEqual({web: 1, worker: 2})
  })
  it('refuses a type that does not exist', () => {
    expect(() => scaleFormation(formation, [parseScale('nope=1')])).toThrow(expect.objectContaining({code: 'UNKNOWN_TYPE'}))
  })
})

test('a type that the formation lacks is refused by name', () => {
  const formation = new Map([['web', 0]])
  expect(() => checkType('web', formation)).not.toThrow()
  expect(() => checkType('nope', formation)).toThrow(expect.objectContaining({code: 'UNKNOWN_TYPE', hint: 'The Procfile declares: web.'}))
})

test('a type that was mistyped is told with the one that was meant', () => {
  const formation = new Map([
    ['web', 1],
    ['worker', 1],
  ])
  const hint = 'Did you mean worker? The Procfile declares: web, worker.'
  expect(() => checkType('wroker', formation)).toThrow(expect.objectContaining({code: 'UNKNOWN_TYPE', hint}))
})
