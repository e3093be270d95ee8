import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {emptyAppJson} from '../../src/model/app-json.ts'
import {readAppJson} from '../../src/platform/read-app-json.ts'
import {test} from '../support/temp-folder.ts'

test('without app.json there is nothing in it', ({folder}) => {
  expect(readAppJson(folder)).toEqual({appJson: emptyAppJson, warnings: []})
})

test('its warnings come along, its notes do not', ({folder}) => {
  writeFileSync(join(folder, 'app.json'), '{"addons": "redis", "nmae": "x"}')
  const {appJson, warnings} = readAppJson(folder)
  expect(appJson.addOns).toMatchObject([{plan: 'redis'}])
  expect(warnings).toMatchObject([{rule: 'loose-type'}])
})

test.for<[text: string, place: object]>([
  ['{\n "env": {},\n}', {file: 'app.json', line: 2, column: 11}],
  ['{"env": []}', {file: 'app.json', line: 1, column: 9}],
  ['\0', {file: 'app.json', line: 1, column: 1}],
])('%j is exit 3 with its place', ([text, place], {folder}) => {
  writeFileSync(join(folder, 'app.json'), text)
  expect(() => readAppJson(folder)).toThrow(expect.objectContaining({code: 'APP_JSON_INVALID', exitCode: 3, place}))
})

test('a folder named app.json is exit 3', ({folder}) => {
  mkdirSync(join(folder, 'app.json'))
  expect(() => readAppJson(folder)).toThrow(expect.objectContaining({code: 'FILE_UNREADABLE', exitCode: 3}))
})
