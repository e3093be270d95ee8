import {expect, test} from 'vitest'
import {parseQuickly} from '../../src/cli/flags/flag-table.ts'
import {oneOffFlags} from '../../src/cli/flags/one-off-flags.ts'
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

test.for([
  [['echo', '--json', '-p'], {}, ['echo', '--json', '-p']],
  [['-d', '--no-tty', 'echo'], {detach: true, 'no-tty': true}, ['echo']],
  [['-x', '--', '-p', '--', 'x'], {'exit-code': true}, ['-p', '--', 'x']],
  [['-e', 'a.env', '-s', 'eco', '-', 'x'], {env: ['a.env'], size: 'eco'}, ['-', 'x']],
  [['--'], {}, []],
] as const)('of %j what is behind the command belongs to it', ([argv, values, rest]) => {
  expect(parseQuickly(argv, oneOffFlags, {endsAtArgument: true})).toEqual({values, arguments: rest})
})

test.for([[['--help', 'echo']], [['-tty', 'x']], [['--no-tty=1', 'x']]] as const)('%j is left to it too', ([argv]) => {
  expect(parseQuickly(argv, oneOffFlags, {endsAtArgument: true})).toBeUndefined()
})
