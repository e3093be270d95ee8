import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {LineSplitter, maxLineBytes, type Piece} from '../../src/lib/line-splitter.ts'

const text = (pieces: readonly Piece[]) => pieces.map(({lines}) => lines.toString())
const exact = (pieces: readonly Piece[]) => Buffer.concat(pieces.map(({lines, raw}) => raw ?? lines))

function split(...chunks: readonly (string | Buffer)[]): {pieces: readonly Piece[]; splitter: LineSplitter} {
  const splitter = new LineSplitter()
  return {pieces: chunks.flatMap(chunk => splitter.push(Buffer.from(chunk))), splitter}
}

describe('usual chunks', () => {
  test.for([
    {name: 'whole lines stay one block', chunks: ['a\nb\nc\n'], blocks: ['a\nb\nc\n'], open: undefined},
    {name: 'what follows the last newline stays open', chunks: ['a\nb'], blocks: ['a\n'], open: 'b'},
    {name: 'an open line is joined with its end, alone', chunks: ['a', 'b\nc\nd', 'e\n'], blocks: ['ab\n', 'c\n', 'de\n'], open: undefined},
    {name: 'empty lines are lines', chunks: ['\n', '\n\n'], blocks: ['\n', '\n\n'], open: undefined},
    {name: 'a line end of CR LF keeps its CR, also across chunks', chunks: ['a\r', '\nb\r\n'], blocks: ['a\r\n', 'b\r\n'], open: undefined},
    {name: 'a lone CR ends nothing', chunks: ['1 %\r2 %\r'], blocks: [], open: '1 %\r2 %\r'},
    {name: 'an empty chunk changes nothing', chunks: ['a', '', 'b\n'], blocks: ['ab\n'], open: undefined},
  ])('$name', ({chunks, blocks, open}) => {
    const {pieces, splitter} = split(...chunks)
    expect(text(pieces)).toEqual(blocks)
    expect(splitter.open?.lines.toString()).toBe(open)
    expect(splitter.hasOpen).toBe(open !== undefined)
  })

  test('a character of several bytes that is cut between chunks arrives whole', () => {
    const bytes = Buffer.from('héllo €\n')
    expect(text(split(...[...bytes].map(byte => Buffer.of(byte))).pieces)).toEqual(['héllo €\n'])
  })

  test('a block of whole lines is handed on without a copy', () => {
    const chunk = Buffer.alloc(10_000, 'a\nb\nrest')
    const {splitter} = split('open')
    const [joined, block] = splitter.push(chunk)
    expect(joined?.lines.toString()).toBe('opena\n')
    expect(block?.lines.buffer).toBe(chunk.buffer)
  })

  test('looking at the open line does not take it away', () => {
    const {splitter} = split('Password: ')
    expect(splitter.open?.lines.toString()).toBe('Password: ')
    expect(text(splitter.push(Buffer.from('x\n')))).toEqual(['Password: x\n'])
  })
})

describe('the end', () => {
  test('gives a last line without newline, and says so', () => {
    const {splitter} = split('a\nlast')
    expect(splitter.end()).toEqual({lines: Buffer.from('last\n'), raw: Buffer.from('last'), unterminated: true})
    expect(splitter.end()).toBeUndefined()
  })

  test('gives nothing when the last line had its newline', () => {
    expect(split('a\n').splitter.end()).toBeUndefined()
  })
})

describe('lines over 64 KiB', () => {
  const goesOn = (bytes: number) => `…[+${bytes} bytes, goes on]\n`

  test('leave in parts that say so; their bytes are there as they came', () => {
    const line = `${'x'.repeat(150_000)}\n`
    const {pieces} = split(line, 'next\n')
    expect(text(pieces)).toEqual([
      `${'x'.repeat(65_536)}${goesOn(65_536)}`,
      `…${'x'.repeat(65_536)}${goesOn(131_072)}`,
      `…${'x'.repeat(150_000 - 131_072)}\n`,
      'next\n',
    ])
    expect(exact(pieces).toString()).toBe(`${line}next\n`)
  })

  test.for([
    {name: 'exactly 64 KiB are whole', line: `${'x'.repeat(65_536)}\n`},
    {name: 'exactly 64 KiB are whole, the CR does not count', line: `${'x'.repeat(65_536)}\r\n`},
  ])('$name', ({line}) => {
    expect(text(split(line).pieces)).toEqual([line])
    expect(text(split(line.slice(0, 40_000), line.slice(40_000, -1), '\n').pieces)).toEqual([line])
  })

  test('one byte more is two parts', () => {
    expect(text(split(`${'x'.repeat(65_537)}\n`).pieces)).toEqual([`${'x'.repeat(65_536)}${goesOn(65_536)}`, '…x\n'])
  })

  test.for(['é', '€', '🙂'])('no part tears a %s', character => {
    for (let shift = 0; shift < 4; shift++) {
      const line = `${'x'.repeat(shift)}${character.repeat(70_000)}\n`
      const {pieces} = split(line)
      expect(pieces.length).toBeGreaterThan(1)
      for (const {raw} of pieces) expect(raw?.toString()).not.toContain('\ufffd')
      expect(exact(pieces).toString()).toBe(line)
    }
  })

  test('bytes that are no UTF-8 are cut somewhere, and none is lost', () => {
    const bytes = Buffer.alloc(200_000, 0x80)
    const {pieces, splitter} = split(bytes)
    expect(pieces.every(({raw}) => (raw?.length ?? 0) <= maxLineBytes)).toBe(true)
    expect(Buffer.concat([exact(pieces), splitter.end()?.raw ?? Buffer.alloc(0)])).toEqual(bytes)
  })

  test('the rest of a long line is open with its mark, and ends with it', () => {
    const {splitter} = split('x'.repeat(65_540))
    expect(splitter.open).toEqual({lines: Buffer.from('…xxxx'), raw: Buffer.from('xxxx')})
    expect(splitter.end()).toEqual({lines: Buffer.from('…xxxx\n'), raw: Buffer.from('xxxx'), unterminated: true})
  })

  test('a line of 256 MiB never holds more than two chunks', () => {
    const splitter = new LineSplitter()
    const chunk = Buffer.alloc(65_536, 'x')
    let [bytes, largest] = [0, 0]
    for (let index = 0; index < 4096; index++) {
      for (const {raw} of splitter.push(chunk)) bytes += raw?.length ?? 0
      largest = Math.max(largest, splitter.open?.lines.length ?? 0)
    }
    expect(bytes + (splitter.end()?.raw?.length ?? 0)).toBe(2 ** 28)
    expect(largest).toBeLessThan(2 * 65_536)
  })
})

test('whatever comes, cut anywhere: no byte is lost or changed, and every block ends with a line', () => {
  const bytes = fc.array(fc.oneof(fc.constant('\n'), fc.constant('\r\n'), fc.string({unit: 'binary'}), fc.constant('é'.repeat(40_000))), {
    maxLength: 12,
  })
  fc.assert(
    fc.property(bytes, fc.array(fc.nat(140_000), {maxLength: 12}), (words, cuts) => {
      const whole = Buffer.from(words.join(''))
      const places = [...cuts.map(cut => cut % (whole.length + 1)).sort((one, other) => one - other), whole.length]
      const {pieces, splitter} = split(...places.map((place, index) => whole.subarray(places[index - 1] ?? 0, place)))
      const last = splitter.end()
      const all = last === undefined ? pieces : [...pieces, last]
      expect(exact(all).equals(whole)).toBe(true)
      for (const {lines} of all) expect(lines.at(-1)).toBe(0x0a)
      const unmarked = whole
        .toString()
        .split('\n')
        .every(line => Buffer.byteLength(line) <= maxLineBytes)
      if (unmarked && last === undefined) expect(pieces.every(({raw}) => raw === undefined)).toBe(true)
    }),
    {numRuns: 150},
  )
})
