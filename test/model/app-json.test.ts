import {expect, test} from 'vitest'
import {emptyAppJson, forEnvironment, unsetVariables} from '../../src/model/app-json.ts'
import {parseAppJson} from '../../src/model/parse-app-json.ts'

const {appJson} = parseAppJson(
  Buffer.from(
    JSON.stringify({
      stack: 'heroku-24',
      env: {A: 'a', B: {required: true}, C: {required: false}, D: {generator: 'secret'}, E: 'e'},
      addons: ['x'],
      scripts: {postdeploy: 'p'},
      environments: {test: {env: {B: 'b', E: null, F: {}}, addons: [], scripts: {test: 't'}}},
    }),
  ),
)

test('an environment replaces what it names, and lays its env over the base', () => {
  const test = forEnvironment(appJson, 'test')
  expect([test.stack, test.addOns, [...test.scripts.keys()]]).toEqual(['heroku-24', [], ['test']])
  expect([...test.env].map(([name, {value}]) => [name, value])).toEqual([
    ['A', 'a'],
    ['B', 'b'],
    ['C', undefined],
    ['D', undefined],
    ['E', undefined],
    ['F', undefined],
  ])
})

test('an environment that is not there changes nothing', () => {
  expect(forEnvironment(appJson, 'review')).toEqual(appJson)
})

test('unset are the names that are required and have neither a value nor a generator', () => {
  expect([...unsetVariables(appJson, () => false).keys()]).toEqual(['B'])
  expect([...unsetVariables(appJson, name => name === 'B').keys()]).toEqual([])
  expect([...unsetVariables(forEnvironment(appJson, 'test'), () => false).keys()]).toEqual(['F'])
  expect(unsetVariables(emptyAppJson, () => false).size).toBe(0)
})
