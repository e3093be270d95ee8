import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {readProcfile, renderProcfile} from '../../src/model/procfile.ts'
import realFiles from '../cases/procfiles.json' with {type: 'json'}
import {placesOf} from '../support/peer-cases.ts'

const read = (text: string) => readProcfile(Buffer.from(text))
const typesOf = (text: string) => [...read(text).types]
const problemsOf = (text: string) => placesOf(read(text).problems)

describe('the grammar', () => {
  test.for<[name: string, text: string, types: readonly (readonly [string, string])[]]>([
    ['blanks round the colon and at both ends', ' \tweb \t: \t run it \t ', [['web', 'run it']]],
    ['no blank at all', 'web:run', [['web', 'run']]],
    ['the first colon separates', 'web: echo a: b', [['web', 'echo a: b']]],
    ['digits, dashes and underscores', '1_a-b: x', [['1_a-b', 'x']]],
    ['# in a command belongs to it', 'web: a # b #c', [['web', 'a # b #c']]],
    [
      'no newline at the end',
      'a: 1\nb: 2',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    [
      'a lone CR ends a line',
      'a: 1\rb: 2\r\rc: 3',
      [
        ['a', '1'],
        ['b', '2'],
        ['c', '3'],
      ],
    ],
    [
      'CRLF leaves no CR',
      'a: 1\r\n\r\nb: 2\r\n',
      [
        ['a', '1'],
        ['b', '2'],
      ],
    ],
    ['a no-break space is a blank', '\u00a0web\u00a0:\u00a0run\u00a0', [['web', 'run']]],
    ['a byte order mark is none of the name', '\ufeffweb: run', [['web', 'run']]],
    ['other line separators of Unicode end no line', 'web: a\u2028b\u0085c', [['web', 'a\u2028b\u0085c']]],
    [
      'file order, of integer-like names too',
      '2: b\n1: a\nweb: c',
      [
        ['2', 'b'],
        ['1', 'a'],
        ['web', 'c'],
      ],
    ],
    [
      'names of objects are names',
      '__proto__: a\nconstructor: b',
      [
        ['__proto__', 'a'],
        ['constructor', 'b'],
      ],
    ],
    [
      'the last duplicate wins, at the place of the first',
      'web: a\nx: b\nweb: c',
      [
        ['web', 'c'],
        ['x', 'b'],
      ],
    ],
    [
      'a backslash at the end stays',
      'web: a \\\nx: b',
      [
        ['web', 'a \\'],
        ['x', 'b'],
      ],
    ],
    ['a URL is a declaration too', 'http://x', [['http', '//x']]],
  ])('%s', ([, text, types]) => {
    expect(typesOf(text)).toEqual(types)
  })

  /** The contract's own words, where a line can be read at all. */
  const contract = /^\s*([A-Za-z0-9_-]+)\s*:\s*(.+?)\s*$/s
  const characters = fc.constantFrom(...'aZ09_-:: \t#\\."\'é\u00a0\u3000')

  test('is that of the contract for any line', () => {
    fc.assert(
      fc.property(fc.string({unit: characters, maxLength: 12}), line => {
        const [, name = '', command = ''] = contract.exec(line) ?? []
        const isDeclared = command.trim() !== '' && !name.startsWith('-') && !command.startsWith(':') && !line.trim().startsWith('#')
        expect(typesOf(line)).toEqual(isDeclared ? [[name, command]] : [])
      }),
      {numRuns: 3000},
    )
  })
})

describe('what goes wrong has a place', () => {
  test.for<[text: string, problems: readonly string[]]>([
    ['web: run\n\n  oops\n', ['error 3:3 not-a-declaration']],
    ['web:\n', ['error 1:1 command-missing']],
    ['web:: x\n', ['error 1:1 command-begins-with-colon']],
    ['-web: x\n', ['error 1:1 bad-name']],
    [': x\n', ['error 1:1 name-missing']],
    ['wéb: x\n', ['error 1:1 bad-name']],
    ['web: a \\  \n  --port: 1\n', ['error 1:8 line-continued', 'error 2:3 not-a-declaration']],
    ['# a comment \\\nfoo\n', ['error 2:1 not-a-declaration']],
    ['web: a\nweb: b\nweb: c\n', ['warning 2:1 duplicate-type', 'warning 3:1 duplicate-type']],
    ['web:\u00a0a\n', ['warning 1:5 no-break-space']],
    ['web: a\u00a0b\u00a0\n', ['warning 1:7 no-break-space']],
    ['web: a\u00a0\n', []],
    ['web: a\u3000b\n', ['warning 1:7 no-break-space']],
    ['  \n  # x\n\t\n#  \n', ['note 1:1 line-of-blanks', 'note 2:1 indented-comment']],
    ['\ufeff\r\n', ['note 1:1 byte-order-mark', 'note 1:1 crlf']],
  ])('%j', ([text, problems]) => {
    expect(problemsOf(text)).toEqual(problems)
  })

  test('a duplicate is named with both lines', () => {
    expect(read('web: a\n\nweb: b').problems[0]?.message).toBe('“web” is declared on line 1 and again on line 3; the last one counts.')
  })

  test('a line after a backslash is said to belong to it', () => {
    expect(read('web: a \\\n  -b \\\n  -c').problems.map(({fix}) => fix)).toEqual([
      'Write the command on one line, or put it into a script.',
      'If it continues line 1, put it on that line.',
      'If it continues line 1, put it on that line.',
    ])
  })

  test('a NUL byte stops everything', () => {
    expect(read('web: run\nx: a\0b')).toMatchObject({types: new Map(), problems: [{rule: 'nul-byte', line: 2, column: 5, stops: true}]})
  })
})

test('an entry knows where it stands, so that it can be mended', () => {
  const text = '\ufeff\r\n  web :  run\n'
  const {entries} = read(text)
  expect(entries).toEqual([{type: 'web', command: 'run', line: 2, column: 3, offset: 1, commandOffset: 10, separator: ' :  '}])
  expect('\n  web :  run\n'.slice(10)).toBe('run\n')
})

describe('real Procfiles', () => {
  test('there are as many as were collected', () => {
    expect(realFiles).toHaveLength(115)
  })

  test.for(realFiles.map(({from, text, types}) => [from, text, types] as const))(
    '%s: its types, in file order, and no mistake',
    ([, text, types]) => {
      const {types: found, problems} = read(text)
      expect([...found]).toEqual(types)
      expect(placesOf(problems).filter(place => !place.startsWith('note'))).toEqual([])
    },
  )
})

describe('any input', () => {
  const name = fc.stringMatching(/^[A-Za-z0-9_][A-Za-z0-9_-]{0,20}$/)
  const command = fc
    .string({unit: 'binary', maxLength: 40})
    .map(text =>
      text
        .replaceAll(/[\r\n\0]/g, ' ')
        .toWellFormed()
        .trim(),
    )
    .filter(text => text !== '' && !text.startsWith(':'))

  test('a printed Procfile reads back the same', () => {
    fc.assert(
      fc.property(fc.uniqueArray(fc.tuple(name, command), {selector: ([type]) => type, maxLength: 8}), entries => {
        const types = new Map(entries)
        expect([...readProcfile(Buffer.from(renderProcfile(types))).types]).toEqual(entries)
      }),
      {numRuns: 500},
    )
  })

  test('any bytes give types or problems, with places within the text', () => {
    const soup = fc.string({unit: fc.constantFrom(...'web: \t\r\n#\\-.é\u00a0\0\ufeff'), maxLength: 60}).map(text => Buffer.from(text))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({maxLength: 200}), soup), bytes => {
        const {types, problems} = readProcfile(bytes)
        const lines = Buffer.from(bytes)
          .toString()
          .split(/\r\n?|\n/)
        for (const [type, text] of types) expect(type !== '' && text !== '' && !/[\r\n]/.test(text)).toBe(true)
        for (const {line, column} of problems) {
          expect(line).toBeLessThanOrEqual(lines.length)
          expect(column).toBeLessThanOrEqual((lines[line - 1]?.length ?? 0) + 1)
        }
      }),
      {numRuns: 2000},
    )
  })

  test.for<[sizeMb: number, name: string, junk: string]>([
    [10, 'blanks', ' '],
    [10, 'declarations', 'web: x\\\n'],
    [10, 'lines that declare nothing', 'this is a line\n'],
    [1, 'empty lines', '\n'],
    [1, 'carriage returns', '\r'],
    [1, 'no-break spaces', '\u00a0'],
    [1, 'colons and blanks', ': '],
    [1, 'one command with odd blanks', 'a:\u3000x'],
    [1, 'names that are too long', `${'-'.repeat(999)}\n`],
    [1, 'comments that are indented', '  #\n'],
    [1, 'bytes that are no text', '\ufffd'],
  ])('%i MB of %s are read in linear time', ([sizeMb, , junk]) => {
    const {types, problems} = readProcfile(Buffer.alloc(sizeMb * 1_000_000, junk))
    expect(types.size).toBeLessThanOrEqual(1)
    expect(problems.length).toBeLessThanOrEqual(501)
  })
})
