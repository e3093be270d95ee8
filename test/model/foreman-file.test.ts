import {expect, test} from 'vitest'
import {readForemanFile} from '../../src/model/foreman-file.ts'
import {placesOf} from '../support/peer-cases.ts'

const read = (text: string) => readForemanFile(Buffer.from(text))
const valuesOf = (text: string) => [...read(text).values].map(([flag, {value, line}]) => [flag, value, line])

test.for<[text: string, values: readonly (readonly [string, string, number])[]]>([
  ['port: 5000', [['port', '5000', 1]]],
  [
    '---\n# foreman\nprocfile: Procfile.dev # mine\nenv: a.env,b.env\n',
    [
      ['procfile', 'Procfile.dev', 3],
      ['env', 'a.env,b.env', 4],
    ],
  ],
  [
    'formation: web=1,worker=2\ntimeout: 10',
    [
      ['formation', 'web=1,worker=2', 1],
      ['timeout-stop', '10', 2],
    ],
  ],
  ['concurrency: all=1', [['formation', 'all=1', 1]]],
  [':port: 5000', [['port', '5000', 1]]],
  [
    `port: "5000" # c\nenv: 'it''s#1'`,
    [
      ['port', '5000', 1],
      ['env', "it's#1", 2],
    ],
  ],
  ['port:\nenv: ~\nprocfile: null', []],
  ['port: 1\nport: 2', [['port', '2', 2]]],
  [
    '\ufeffport: 1\r\nenv: x\r\n',
    [
      ['port', '1', 1],
      ['env', 'x', 2],
    ],
  ],
])('%j', ([text, values]) => {
  expect(valuesOf(text)).toEqual(values)
})

test.for<[text: string, problems: readonly string[]]>([
  ['color: true', ['warning 1:1 unknown-option']],
  ['env:\n  - a.env\n  - b.env', ['warning 2:3 not-flat-yaml', 'warning 3:3 not-flat-yaml']],
  ['env: [a, b]', ['warning 1:1 not-flat-yaml']],
  ['port 5000', ['warning 1:1 not-flat-yaml']],
  ['port:5000', ['warning 1:1 not-flat-yaml']],
  ['constructor: x', ['warning 1:1 unknown-option']],
  ['port: \0', ['error 1:7 nul-byte']],
])('%j is a warning, and nothing else', ([text, problems]) => {
  expect([placesOf(read(text).problems), valuesOf(text)]).toEqual([problems, []])
})
