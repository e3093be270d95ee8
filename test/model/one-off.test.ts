import {describe, expect, test} from 'vitest'
import {oneOffName, planOneOff, renderCommand} from '../../src/model/one-off.ts'

const types = new Map([
  ['web', 'node server.js -p $PORT'],
  ['worker', 'cd jobs && node worker.js'],
  ['release', 'node migrate.js'],
])

describe('what a one-off runs', () => {
  test.for([
    ['one word is a command line', ['echo $A | cat'], 'echo $A | cat'],
    ['several are an exact argv', ['echo', '$A', '', 'b c'], ['echo', '$A', '', 'b c']],
    ['a type is its command', ['worker'], 'cd jobs && node worker.js'],
    ['release is a type like any other', ['release'], 'node migrate.js'],
    ['arguments are appended to the command of a type', ['worker', '--queue', 'mail'], 'cd jobs && node worker.js --queue mail'],
    ['as words that the shell leaves alone', ['web', "it's", '$A', '', '*', 'a b'], `node server.js -p $PORT 'it'\\''s' '$A' '' '*' 'a b'`],
    ['a command line that begins with a type', ['worker --once && echo done'], 'cd jobs && node worker.js --once && echo done'],
    ['blanks before it', ['  release'], 'node migrate.js'],
    ['a name that only begins like a type', ['worker.js --once'], 'worker.js --once'],
    ['a type that is not the first word', ['echo', 'web'], ['echo', 'web']],
    ['a path that ends like a type', ['./worker'], './worker'],
    ['a name that every object has', ['constructor'], 'constructor'],
  ] as const)('%s', ([, words, command]) => {
    expect(planOneOff(words, types)).toEqual(command)
  })
})

test('a command is shown as it could be typed', () => {
  expect(renderCommand('echo $A | cat')).toBe('echo $A | cat')
  expect(renderCommand(['node', 'a b.js', '$A'])).toBe(`node 'a b.js' '$A'`)
})

test('the name has a number of four digits', () => {
  expect([0, 0.5, 0.99999].map(oneOffName)).toEqual(['run.1000', 'run.5500', 'run.9999'])
})
