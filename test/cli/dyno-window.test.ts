import {expect, test} from 'vitest'
import {dynoWindow} from '../../src/cli/start/dyno-window.ts'

// The tests have no terminal, which counts as one of 80 by 24.
test.for([
  ['with the time of day', ['web.1'], true, 80 - '14:02:11 web.1     | '.length],
  ['without it', ['web.1'], false, 80 - 'web.1     | '.length],
  ['behind a long name', ['a-type-with-a-long-name.1'], false, 80 - 'a-type-with-a-long-name.1 | '.length],
  ['never nothing', ['x'.repeat(100)], true, 20],
] as const)('the lines of a dyno fit behind their prefix: %s', ([, names, timestamps, columns]) => {
  expect(dynoWindow(names, {timestamps})).toEqual({columns, rows: 24})
})
