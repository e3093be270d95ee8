import {describe, expect, test} from 'vitest'
import {changeConfig, describeConfigChange, isSameDeploy, rollbackTarget} from '../../src/model/release.ts'
import {record, release} from '../support/pool-values.ts'

describe('rollback goes to', () => {
  const records = [
    record(1, 'succeeded'),
    record(2, 'failed'),
    record(3, 'succeeded'),
    record(4, 'rolled_back'),
    record(5, 'succeeded'),
    record(6),
  ]
  test.for<[wanted: string | undefined, version: number]>([
    [undefined, 3],
    ['v1', 1],
    ['3', 3],
  ])('%s: v%i', ([wanted, version]) => {
    expect(rollbackTarget(records, 5, wanted).version).toBe(version)
  })

  test.for<[string | undefined, number | undefined, string]>([
    ['v9', 5, 'There is no release v9.'],
    ['v2', 5, 'v2 never served: it is failed'],
    ['v6', 5, 'v6 never served: it is pending'],
    ['x', 5, 'There is no release x.'],
    [undefined, 1, 'no earlier release'],
    [undefined, undefined, 'no earlier release'],
  ])('nothing for %s while v%s serves', ([wanted, current, text]) => {
    expect(() => rollbackTarget(records, current, wanted)).toThrow(
      expect.objectContaining({exitCode: 2, message: expect.stringContaining(text)}),
    )
  })
})

test('the same deploy again is the same whoever tries, whenever', () => {
  expect(isSameDeploy(release(1, {description: 'x'}), release(2, {description: 'x', user: 'bob', createdAt: '2027'}))).toBe(true)
  expect(isSameDeploy(release(1), release(1, {slug: 'sha256:bb'}))).toBe(false)
  expect(isSameDeploy(release(1), release(1, {config: 'c1'}))).toBe(false)
})

test('descriptions are the platform’s', () => {
  expect(describeConfigChange(['FOO', 'BAZ'], [])).toBe('Set FOO, BAZ config vars')
  expect(describeConfigChange([], ['BAZ'])).toBe('Remove BAZ config vars')
})

describe('config vars', () => {
  const config = new Map([['A', '1']])
  test('the same value is no change', () => {
    expect(
      changeConfig(
        config,
        new Map([
          ['A', '1'],
          ['B', null],
        ]),
      ),
    ).toBe(config)
  })

  test('set, replaced, removed', () => {
    expect([
      ...changeConfig(
        config,
        new Map<string, string | null>([
          ['B', "it's\n$x"],
          ['A', null],
        ]),
      ),
    ]).toEqual([['B', "it's\n$x"]])
  })

  test.for(['1A', '__X', 'HEROKU_X', 'A-B', 'A.B', ''])('%j is no name', name => {
    expect(() => changeConfig(config, new Map([[name, 'geheim']]))).toThrow(
      expect.objectContaining({code: 'CONFIG_VAR_INVALID', message: expect.not.stringContaining('geheim')}),
    )
  })

  test('a name that was there before may be removed', () => {
    expect(changeConfig(new Map([['1A', 'x']]), new Map([['1A', null]])).size).toBe(0)
  })

  test('64 KB together, no NUL', () => {
    expect(() => changeConfig(config, new Map([['B', 'x'.repeat(65_534)]]))).toThrow('65537 bytes')
    expect(changeConfig(config, new Map([['B', 'x'.repeat(65_533)]])).size).toBe(2)
    expect(() => changeConfig(config, new Map([['B', 'a\0b']]))).toThrow('NUL')
  })
})
