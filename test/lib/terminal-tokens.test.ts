import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {TerminalTokens} from '../../src/lib/terminal-tokens.ts'

const cut = (...chunks: string[]) => {
  const tokens = new TerminalTokens()
  return chunks.flatMap(chunk => tokens.push(Buffer.from(chunk)).map(({kind, bytes}) => [kind, bytes.toString()]))
}

describe('tokens', () => {
  test.for([
    ['plain text\r\n', [['text', 'plain text\r\n']]],
    [
      'a\x1b[1;31mred\x1b[0m',
      [
        ['text', 'a'],
        ['csi', '\x1b[1;31m'],
        ['text', 'red'],
        ['csi', '\x1b[0m'],
      ],
    ],
    ['\x1b[?1049h', [['csi', '\x1b[?1049h']]],
    ['\x1b[2 q', [['csi', '\x1b[2 q']]],
    [
      '\x1b]0;title\x07x',
      [
        ['string', '\x1b]0;title\x07'],
        ['text', 'x'],
      ],
    ],
    [
      '\x1b]8;;http://a\x1b\\x',
      [
        ['string', '\x1b]8;;http://a\x1b\\'],
        ['text', 'x'],
      ],
    ],
    ['\x1bP+q544e\x1b\\', [['string', '\x1bP+q544e\x1b\\']]],
    [
      '\x1b7\x1b(B\x1b=',
      [
        ['escape', '\x1b7'],
        ['escape', '\x1b(B'],
        ['escape', '\x1b='],
      ],
    ],
    [
      '\x1b\n',
      [
        ['escape', '\x1b'],
        ['text', '\n'],
      ],
    ],
    [
      '\x1b[1\n',
      [
        ['escape', '\x1b'],
        ['text', '[1\n'],
      ],
    ],
  ] as const)('of %j', ([text, tokens]) => {
    expect(cut(text)).toEqual(tokens)
  })

  test('do not care where chunks end', () => {
    expect(cut('\x1b', '[3', '1m', 'x')).toEqual([
      ['csi', '\x1b[31m'],
      ['text', 'x'],
    ])
    expect(cut('\x1b]0;ti', 'tle\x1b', '\\')).toEqual([['string', '\x1b]0;title\x1b\\']])
  })

  test('no byte is lost or changed, whatever comes', () => {
    const piece = fc.constantFrom('\x1b', '\x1b[', '\x1b]', '\x1bP', '\x07', '\x1b\\', '1;2', 'm', 'é', ' ', '\n', '?', 'text')
    fc.assert(
      fc.property(fc.array(fc.array(piece), {maxLength: 8}), pieces => {
        const tokens = new TerminalTokens()
        const text = pieces.flat().join('')
        const seen = pieces.flatMap(part => tokens.push(Buffer.from(part.join('')))).map(({bytes}) => bytes)
        const whole = Buffer.concat(seen).toString()
        expect(text.startsWith(whole)).toBe(true)
        // What is kept back is the beginning of a sequence.
        expect(text.slice(whole.length)).toMatch(/^(\x1b|$)/)
      }),
    )
  })

  test('a sequence without an end is passed on at last', () => {
    const endless = `\x1b]0;${'x'.repeat(70_000)}`
    expect(cut(endless)).toEqual([['escape', endless]])
  })
})
