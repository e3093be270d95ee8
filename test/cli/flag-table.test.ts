import {expect, test} from 'vitest'
import {parseQuickly} from '../../src/cli/flags/flag-table.ts'
import {startFlags} from '../../src/cli/flags/start-flags.ts'

test.for([
  [[], {}, []],
  [['web', '-p', '80'], {port: 80}, ['web']],
  [['-p80', '--json', 'web=2'], {port: 80, json: true}, ['web=2']],
  [['--port=80', '-e', 'a', '--env=b,c'], {port: 80, env: ['a', 'b,c']}, []],
  [['--no-router', '--no-timestamps', '--watch'], {router: false, timestamps: false, watch: true}, []],
  [['--exit-on', 'any'], {'exit-on': 'any'}, []],
] as const)('%j is read', ([argv, values, rest]) => {
  expect(parseQuickly(argv, startFlags)).toEqual({values, arguments: rest})
})

test.for([
  [['--help']],
  [['-h']],
  [['--nope']],
  [['-p', 'abc']],
  [['-p']],
  [['--exit-on', 'maybe']],
  [['--watch=1']],
  [['--', 'x']],
  [['-wd']],
  [['--no-port']],
  [['--constructor', 'x']],
] as const)('%j is left to the command framework', ([argv]) => {
  expect(parseQuickly(argv, startFlags)).toBeUndefined()
})
