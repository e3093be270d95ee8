import {expect, test} from 'vitest'
import {painter, wantsColour} from '../../src/cli/colour.ts'

test.for([
  {isTerminal: true, wants: true},
  {isTerminal: false, wants: false},
  {isTerminal: true, env: {NO_COLOR: '1'}, wants: false},
  {isTerminal: true, env: {NO_COLOR: ''}, wants: true},
  {isTerminal: true, flag: false, wants: false},
  {isTerminal: false, env: {FORCE_COLOR: '1'}, wants: true},
  {isTerminal: false, env: {FORCE_COLOR: ''}, wants: true},
  {isTerminal: true, env: {FORCE_COLOR: '0'}, wants: false},
  {isTerminal: true, env: {FORCE_COLOR: '1', NO_COLOR: '1'}, wants: false},
  {isTerminal: true, flag: false, env: {FORCE_COLOR: '1'}, wants: false},
  {isTerminal: true, flag: true, env: {NO_COLOR: '1'}, wants: false},
  {isTerminal: false, flag: true, wants: true},
  {isTerminal: true, env: {TERM: 'dumb'}, wants: false},
])('colour: %o', ({isTerminal, flag, env = {}, wants}) => {
  expect(wantsColour({isTerminal, flag, env})).toBe(wants)
})

test('a painter without colour leaves the text as it is', () => {
  expect(painter(false)('red', 'x')).toBe('x')
  expect(painter(true)('red', 'x')).toBe('\u001b[31mx\u001b[39m')
})
