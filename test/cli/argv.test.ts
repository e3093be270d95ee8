import {expect, test} from 'vitest'
import {endOfFlags, type FlagShapes, findCommand, givenFlags} from '../../src/cli/argv.ts'

const flags = {
  port: {type: 'option', char: 'p'},
  env: {type: 'option', char: 'e'},
  watch: {type: 'boolean', char: 'w'},
  timestamps: {type: 'boolean', allowNo: true},
} as const satisfies FlagShapes

test.for([
  [['npm', '--help'], 0],
  [['-p', '1', 'npm', '--watch'], 2],
  [['--port', 'npm', 'x'], 2],
  [['--port=1', 'npm'], 1],
  [['-p1', 'npm'], 1],
  [['-w', 'npm'], 1],
  [['-wp', '1', 'npm'], 2],
  [['-wp1', 'npm'], 1],
  [['--watch', '--', 'x'], 1],
  [['--unknown', 'npm'], 1],
  [['-', 'x'], 0],
  [['--port'], 1],
] as const)('in %j our flags end at word %i', ([argv, end]) => {
  expect(Math.min(endOfFlags(argv, flags, {endsAtArgument: true}), argv.length)).toBe(end)
})

test('flags end at -- alone when an argument ends nothing', () => {
  expect(endOfFlags(['web', '-p', '--', '-w', '--', 'x'], flags)).toBe(4)
})

test.for([
  [
    ['-wp', '1', '--no-timestamps'],
    ['watch', 'port', 'timestamps'],
  ],
  [['web', '--env', '--watch'], ['env']],
  [['--port=1', '--', '--watch'], ['port']],
  [['--no-watch', '--constructor', '-z'], []],
] as const)('%j gives %j', ([argv, names]) => {
  expect([...givenFlags(argv, flags)]).toEqual(names)
})

const ids = new Set(['ps', 'ps:scale', 'run', 'config:set'])
const shared = {root: {type: 'option'}, json: {type: 'boolean'}} as const satisfies FlagShapes

test.for([
  [['ps'], 'ps', []],
  [['ps:scale', 'web=2'], 'ps:scale', ['web=2']],
  [['ps', 'scale', 'web=2'], 'ps:scale', ['web=2']],
  [['ps', '--json', 'scale'], 'ps', ['--json', 'scale']],
  [['config', 'set', 'A=1'], 'config:set', ['A=1']],
  [['run', 'ps', 'scale'], 'run', ['ps', 'scale']],
  [['--root', 'ps', 'ps', '-x'], 'ps', ['--root', 'ps', '-x']],
  [['--json', 'ps', 'scale', 'web=1'], 'ps:scale', ['--json', 'web=1']],
  [['config', 'get'], undefined, []],
  [['--json'], undefined, ['--json']],
  [[], undefined, []],
] as const)('%j calls %s', ([argv, id, rest]) => {
  expect(findCommand(argv, ids, shared)).toMatchObject({id, argv: rest})
})

test.for([
  [['web.1', '--watch', 'ls', '-l'], 2],
  [['-p', '1', 'web.1', 'ls', '-l'], 3],
  [['web.1', '--', 'ls', '-w'], 1],
  [['web.1', '-w'], 2],
] as const)('in %j they end at word %i, the second argument', ([argv, end]) => {
  expect(endOfFlags(argv, flags, {endsAtArgument: 2})).toBe(end)
})
