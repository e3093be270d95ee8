import {describe, expect, test} from 'vitest'
import {readReleaseOutput} from '../../src/model/release-output.ts'

describe('readReleaseOutput', () => {
  test.for<[string, [string, string][]]>([
    ['', []],
    ['---\n', []],
    ['--- {}\n', []],
    ['{}', []],
    [
      '---\naddons: []\ndefault_process_types:\n  web: npm start\n  worker: node w.js\n',
      [
        ['web', 'npm start'],
        ['worker', 'node w.js'],
      ],
    ],
    ['---\nconfig_vars:\n  A: 1\naddons:\n', []],
    ['default_process_types: {web: "java -jar a.jar"}', [['web', 'java -jar a.jar']]],
    ['default_process_types:\n  web:\n', []],
  ])('%j', ([text, types]) => {
    expect([...readReleaseOutput(text, 'x').defaultProcessTypes]).toEqual(types)
  })

  test('names the add-ons that it would like', () => {
    expect(readReleaseOutput('addons:\n- heroku-postgresql\n', 'x').addOns).toEqual(['heroku-postgresql'])
  })

  test.for(['hello', '- a\n', 'default_process_types: web\n', 'a: [\n'])('%j is a failed build', text => {
    expect(() => readReleaseOutput(text, 'mine')).toThrow(
      expect.objectContaining({code: 'BUILD_FAILED', message: expect.stringContaining('mine')}),
    )
  })
})
