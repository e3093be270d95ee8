import {expect, test} from 'vitest'
import {TerminalState} from '../../src/lib/terminal-state.ts'
import {TerminalTokens} from '../../src/lib/terminal-tokens.ts'

const after = (...written: string[]) => {
  const state = new TerminalState()
  state.see(new TerminalTokens().push(Buffer.from(written.join(''))))
  return state
}

test.for([
  ['nothing', '', ''],
  ['text', 'hello\r\n', ''],
  ['the second screen', '\x1b[?1049h', '\x1b[?1049l'],
  ['the second screen, left again', '\x1b[?1049h\x1b[?1049l', ''],
  ['a hidden cursor', '\x1b[?25l', '\x1b[?25h'],
  ['a colour', '\x1b[31mred', '\x1b[m'],
  ['a colour that was ended', '\x1b[31mred\x1b[0m', ''],
  ['the mouse and brackets, the screen last', '\x1b[?1049h\x1b[?1000;1006h\x1b[?2004h', '\x1b[?1000l\x1b[?1006l\x1b[?2004l\x1b[?1049l'],
  ['the keypad', '\x1b=', '\x1b>'],
  ['lines instead of letters', '\x1b(0', '\x1b(B'],
  ['margins', '\x1b[2;10r', '\x1b7\x1b[r\x1b8'],
  ['two keyboards', '\x1b[>1u\x1b[>5u', '\x1b[<u\x1b[<u'],
  ['everything, then a reset', '\x1b[?1049h\x1b[31m\x1b=\x1b[>1u\x1bc', ''],
] as const)('after %s', ([, written, undo]) => {
  expect(after(written).leave()).toBe(undo)
})

test('a terminal that joins gets the same modes, the screen first', () => {
  const state = after('\x1b[?2004h\x1b[?25l\x1b[?1049h\x1b[31m')
  expect(state.enter()).toBe('\x1b[?1049h\x1b[?2004h\x1b[?25l')
  expect(state.isFullScreen).toBe(true)
  expect(after('\x1b[?1049h\x1b[?1049l').isFullScreen).toBe(false)
})
