import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {readFlagFiles} from '../../src/platform/read-flag-files.ts'
import {placesOf} from '../support/peer-cases.ts'
import {test} from '../support/temp-folder.ts'

test('nothing is there: nothing is set, nothing is said', ({folder}) => {
  expect(readFlagFiles(folder)).toEqual({homeportEnv: new Map(), foreman: new Map(), warnings: [], notices: []})
})

test('.homeport.env is in the dialect of .env, and sets flags only', ({folder}) => {
  writeFileSync(join(folder, '.homeport.env'), '# mine\nHOMEPORT_PORT="7000"\nDATABASE_URL=geheim\nHOMEPORT_PORT=7001 # c\n')
  const {homeportEnv, warnings} = readFlagFiles(folder)
  expect(homeportEnv.get('HOMEPORT_PORT')).toBe('7001')
  expect(placesOf(warnings).toSorted()).toEqual(['warning 3:1 no-setting', 'warning 4:1 duplicate-key'])
  expect(JSON.stringify(warnings)).not.toContain('geheim')
})

test('a .homeport.env that cannot be read stops, with its place', ({folder}) => {
  writeFileSync(join(folder, '.homeport.env'), 'HOMEPORT_PORT="7000')
  expect(() => readFlagFiles(folder)).toThrow(
    expect.objectContaining({code: 'ENV_FILE_INVALID', place: {file: '.homeport.env', line: 1, column: 15}}),
  )
})

test('.foreman is read by names of flags, with a note', ({folder}) => {
  writeFileSync(join(folder, '.foreman'), 'port: 5000\ntimeout: 3\ncolor: true\n')
  const {foreman, warnings, notices} = readFlagFiles(folder)
  expect([...foreman]).toEqual([
    ['port', '5000'],
    ['timeout-stop', '3'],
  ])
  expect(notices).toEqual(['.foreman sets --port, --timeout-stop, unless something else does.'])
  expect(placesOf(warnings)).toEqual(['warning 3:1 unknown-option'])
})

test('a .foreman that is a folder, and a root that is none, set nothing', ({folder}) => {
  mkdirSync(join(folder, '.foreman'))
  expect(readFlagFiles(folder).foreman.size).toBe(0)
  expect(readFlagFiles(join(folder, 'nope')).homeportEnv.size).toBe(0)
})
