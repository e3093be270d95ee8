import {describe, expect, test} from 'vitest'
import {readAffinityToken} from '../../../src/engines/router/affinity.ts'
import {dropLines, dropNamed, readExpect, readTokens} from '../../../src/engines/router/field-value.ts'

const token = '0123456789abcdef0123456789abcdef'

describe('header values', () => {
  test.for([
    ['close', ['close']],
    ['Keep-Alive, Upgrade', ['keep-alive', 'upgrade']],
    [' , close ,, x', ['close', 'x']],
    ['', undefined],
    [',', undefined],
    ['keep alive', undefined],
    ['close;a=1', undefined],
    ['"close"', undefined],
  ] as const)('%j as a list is %j', ([value, tokens]) => {
    expect(readTokens(value)).toEqual(tokens)
  })

  test.for([
    ['', 'none'],
    ['100-continue', 'continue'],
    ['100-Continue', 'continue'],
    ['100-continue, 100-continue', 'unsupported'],
    ['later', 'unsupported'],
    ['a=b;c="d e";f', 'unsupported'],
    ['100 continue', 'malformed'],
    [',', 'malformed'],
    ['a=', 'malformed'],
    ['@', 'malformed'],
  ] as const)('Expect: %s is %s', ([value, meaning]) => {
    expect(readExpect(value)).toBe(meaning)
  })

  test('a hostile value is read in linear time', () => {
    expect(readExpect(`${','.repeat(8000)}(`)).toBe('malformed')
    expect(readExpect('a;'.repeat(4000))).toBe('malformed')
    expect(readTokens(`${', '.repeat(4000)}(`)).toBeUndefined()
  })

  test('lines go by their name, in any letter case', () => {
    expect(dropLines('A: 1\r\nab: 2\r\na:3\r\n', ['a'])).toBe('ab: 2\r\n')
    expect(dropNamed('Host: a\r\nX: 1\r\nContent-Length: 3\r\n', ['host', 'x', 'content-length'])).toBe('Host: a\r\nContent-Length: 3\r\n')
  })

  test.for([
    [`Cookie: heroku-session-affinity=${token}\r\n`, token],
    [`A: 1\r\ncookie: a=b; heroku-session-affinity=${token}; c=d\r\n`, token],
    [`Cookie: x-heroku-session-affinity=${token}\r\n`, undefined],
    [`Cookie: heroku-session-affinity=${token}0\r\n`, undefined],
    [`X: heroku-session-affinity=${token}\r\n`, undefined],
    ['', undefined],
  ] as const)('the affinity token in %j is %s', ([lines, found]) => {
    expect(readAffinityToken(lines)).toBe(found)
  })
})
