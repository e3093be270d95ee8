import {expect, test} from 'vitest'
import {isQuery, withoutEnquiry} from '../../src/lib/terminal-queries.ts'
import {TerminalTokens} from '../../src/lib/terminal-tokens.ts'

const tokenOf = (text: string) => {
  const [token] = new TerminalTokens().push(Buffer.from(text))
  if (token === undefined) throw new Error(`${JSON.stringify(text)} is no token`)
  return token
}

test.for([
  '\x1b[6n',
  '\x1b[?6n',
  '\x1b[c',
  '\x1b[>0c',
  '\x1b[=c',
  '\x1b[>q',
  '\x1b[?2026$p',
  '\x1b[?u',
  '\x1b[18t',
  '\x1b]11;?\x07',
  '\x1bP+q5443\x1b\\',
])('%j makes a terminal answer', text => {
  expect(isQuery(tokenOf(text))).toBe(true)
})

test.for(['text', '\x1b[31m', '\x1b[2J', '\x1b[10;5H', '\x1b[?25l', '\x1b[8;24;80t', '\x1b]0;title\x07', '\x1b7', '\x1b[>4;1m'])(
  '%j does not',
  text => {
    expect(isQuery(tokenOf(text))).toBe(false)
  },
)

test('ENQ is taken out of text', () => {
  expect(withoutEnquiry(Buffer.from('a\x05b')).toString()).toBe('ab')
})
