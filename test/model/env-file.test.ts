import {parse} from 'dotenv'
import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {readEnvFile, unescapeDoubleQuoted} from '../../src/model/env-file.ts'
import realFiles from '../cases/env-files.json' with {type: 'json'}
import {placesOf} from '../support/peer-cases.ts'

const read = (text: string) => readEnvFile(Buffer.from(text))
const valuesOf = (text: string) => read(text).entries.map(({key, value}) => [key, value])

describe('the dialect', () => {
  test.for<[name: string, text: string, values: readonly (readonly [string, string])[]]>([
    ['KEY=value', 'A=b', [['A', 'b']]],
    [
      'export',
      'export A=b\nexport\tB=c',
      [
        ['A', 'b'],
        ['B', 'c'],
      ],
    ],
    [
      'export as a name',
      'export=1\nexport = 2',
      [
        ['export', '1'],
        ['export', '2'],
      ],
    ],
    ['blanks round =', ' \tA \t= \tb \t', [['A', 'b']]],
    [
      'keys of all kinds',
      '1a.b-c_D=x\n_=y',
      [
        ['1a.b-c_D', 'x'],
        ['_', 'y'],
      ],
    ],
    ['comment lines', '# A=1\n  #B=2\n\n \t\nC=3', [['C', '3']]],
    [
      'a blank and # end a value',
      'A=b # c\nB=b\t#c\nC= # c\nD = #fff',
      [
        ['A', 'b'],
        ['B', 'b'],
        ['C', ''],
        ['D', ''],
      ],
    ],
    [
      '# without a blank does not',
      'A=#fff\nB=b#c\nC=a#b #c',
      [
        ['A', '#fff'],
        ['B', 'b#c'],
        ['C', 'a#b'],
      ],
    ],
    ['inner blanks and quotes stay', `A=it's  a "test"`, [['A', `it's  a "test"`]]],
    ['= in a value', 'A=b=c==', [['A', 'b=c==']]],
    [
      'empty values',
      `A=\nB=  \nC=""\nD=''\nE=\`\``,
      [
        ['A', ''],
        ['B', ''],
        ['C', ''],
        ['D', ''],
        ['E', ''],
      ],
    ],
    ['single quotes are literal', String.raw`A='a\n"$B" #c' # d`, [['A', String.raw`a\n"$B" #c`]]],
    ['back-ticks are literal', 'A=`a\\n\'"$B`', [['A', 'a\\n\'"$B']]],
    ['escapes of double quotes', String.raw`A="\n\r\t\"\\\$"`, [['A', '\n\r\t"\\$']]],
    ['any other backslash stays', String.raw`A="\a\u0041\ "`, [['A', String.raw`\a\u0041\ `]]],
    ['a backslash before the end of a line stays', 'A="a\\\nb"', [['A', 'a\\\nb']]],
    ['a backslash in front of a backslash', String.raw`A="c:\\new\\"`, [['A', 'c:\\new\\']]],
    ['unquoted backslashes stay', 'A=C:\\new\\t\\', [['A', 'C:\\new\\t\\']]],
    [
      'quoted values span lines',
      `A="1\n2 #\n"\nB='3\n\n4'\nC=\`5\n6\` # x\nD=7`,
      [
        ['A', '1\n2 #\n'],
        ['B', '3\n\n4'],
        ['C', '5\n6'],
        ['D', '7'],
      ],
    ],
    [
      'CRLF and lone CR are line ends, in quotes too',
      'A=1\r\nB="2\r\n3"\rC=4',
      [
        ['A', '1'],
        ['B', '2\n3'],
        ['C', '4'],
      ],
    ],
    [
      'no expansion',
      `A=$HOME\nB="\${A}"\nC=$(x)`,
      [
        ['A', '$HOME'],
        ['B', `\${A}`],
        ['C', '$(x)'],
      ],
    ],
    ['a byte order mark', '\ufeffA=1', [['A', '1']]],
    [
      'duplicates are all there',
      'A=1\nA=2',
      [
        ['A', '1'],
        ['A', '2'],
      ],
    ],
    ['names of objects', '__proto__=1', [['__proto__', '1']]],
    [
      'a quote after text is text',
      `A=x"y"\nB=x'y`,
      [
        ['A', 'x"y"'],
        ['B', "x'y"],
      ],
    ],
  ])('%s', ([, text, values]) => {
    expect(valuesOf(text)).toEqual(values)
  })

  test('an entry knows where it stands', () => {
    expect(read('\n  export A = "x\ny"\nB=\'\'\n').entries).toEqual([
      {
        key: 'A',
        value: 'x\ny',
        line: 2,
        column: 10,
        quote: '"',
        raw: 'x\ny',
        rawAt: {line: 2, column: 15},
        hasExport: true,
        hasBlanks: true,
      },
      {key: 'B', value: '', line: 4, column: 1, quote: "'", raw: '', rawAt: {line: 4, column: 4}, hasExport: false, hasBlanks: false},
    ])
  })
})

describe('what goes wrong has a place', () => {
  test.for<[text: string, problems: readonly string[]]>([
    ['A=1\n  oops\nB=2', ['error 2:3 not-an-assignment']],
    ['export A', ['error 1:1 not-an-assignment']],
    ['A: b', ['error 1:1 not-an-assignment']],
    ['=b', ['error 1:1 not-an-assignment']],
    ['KÉY=b', ['error 1:1 bad-key']],
    ['-A=b', ['error 1:1 bad-key']],
    ['A B=c', ['error 1:1 not-an-assignment']],
    ['<<<<<<< HEAD', ['error 1:1 merge-conflict']],
    ['1A=b\nexport a-b=c', ['warning 1:1 odd-key', 'warning 2:8 odd-key']],
    ['A=1\n\nA=2\nA=3', ['warning 3:1 duplicate-key', 'warning 4:1 duplicate-key']],
    ['A="1\n2"\nA=3', ['warning 3:1 duplicate-key']],
  ])('%j', ([text, problems]) => {
    expect(placesOf(read(text).problems)).toEqual(problems)
  })

  test('a duplicate is named with both lines', () => {
    expect(read('A=1\nA=2').problems[0]?.message).toBe('A is set on line 1 and again on line 2; the last one counts.')
  })

  test.for<[name: string, text: string, problem: string, message: RegExp]>([
    ['an open double quote', 'A=1\nB = "x\nC=2\n', 'error 2:5 quote-not-closed', /^The value of B begins with "/],
    ['an open single quote', "B='x\n", 'error 1:3 quote-not-closed', /begins with '/],
    ['an open back-tick', 'B=`x\n', 'error 1:3 quote-not-closed', /begins with `/],
    ['a quote that a backslash keeps open', 'B="C:\\"\n', 'error 1:3 quote-not-closed', /begins with "/],
    ['text behind a quote', 'A="b"c', 'error 1:6 text-after-quote', /^Text behind the closing quote of A\.$/],
    ['text behind a quote and a blank', "A='b'  c", 'error 1:6 text-after-quote', /of A/],
    ['a comment without a blank behind a quote', 'A="b"#c', 'error 1:6 text-after-quote', /of A/],
    ['text behind a quote that was opened above', 'A="b\nB="c\n', 'error 2:4 text-after-quote', /opened on line 1, of A/],
    ['a NUL byte', 'A=1\nB=\0', 'error 2:3 nul-byte', /NUL/],
  ])('%s stops everything', ([, text, problem, message]) => {
    const {entries, problems} = read(text)
    expect([entries, placesOf(problems)]).toEqual([[], [problem]])
    expect(problems[0]).toMatchObject({stops: true, message: expect.stringMatching(message)})
  })
})

test('no message holds a value, or text that might be one', () => {
  const secret = 'geheim'
  const lines = [
    secret,
    `${secret}:${secret}`,
    `A B=${secret}`,
    `É=${secret}`,
    `"pass": "${secret}"`,
    `A=${secret}`,
    `A=${secret}`,
    `1A="${secret}"`,
  ]
  const texts = [lines.join('\n'), `A="${secret}`, `A="x"${secret}`, `A='\n${secret}'${secret}`]
  for (const text of texts) {
    const {problems} = read(text)
    expect(problems.length).toBeGreaterThan(0)
    expect(JSON.stringify(problems)).not.toContain(secret)
  }
})

describe('real .env files', () => {
  test('there are as many as were collected', () => {
    expect(realFiles).toHaveLength(74)
  })

  /** A file of node-foreman, whose .env may be JSON; Homeport's may not. */
  const isJson = (text: string) => text.trimStart().startsWith('{')

  test.for(realFiles.filter(({text}) => !isJson(text)).map(({from, text}) => [from, text] as const))(
    '%s: nothing is wrong, nothing is lost',
    ([, text]) => {
      const {entries, problems} = read(text)
      expect(problems.filter(({severity}) => severity === 'error')).toEqual([])
      const assignments = text.split(/\r\n|\n/).filter(line => /^\s*(?:export\s+)?[\w.-]+\s*=/.test(line))
      expect(entries.map(({key}) => key)).toEqual(assignments.map(line => /([\w.-]+)\s*=/.exec(line)?.[1]))
    },
  )

  test('one that is JSON sets nothing and is said to be', () => {
    const {entries, problems} = read(realFiles.find(({text}) => isJson(text))?.text ?? '')
    expect([entries, problems[0]?.message]).toEqual([[], 'This line sets no variable. The file looks like JSON.'])
  })
})

describe('beside dotenv', () => {
  /** Where the dialects agree: no # in a value, no quote within an unquoted one, escapes \n and \r only, no duplicate. */
  const key = fc.stringMatching(/^[A-Za-z_][A-Za-z0-9_]{0,8}$/)
  const plain = fc.string({unit: fc.constantFrom(...'aZ0 .:/@$%é日=-_{}[]'), maxLength: 12})
  const value = fc.oneof(
    plain,
    plain.map(text => `'${text}'`),
    fc.string({unit: fc.constantFrom(..."a b\n$=#\\n'`"), maxLength: 10}).map(text => `"${text.replaceAll('\\', '\\n')}"`),
    plain.map(text => `\`${text}\nx'"\``),
  )
  const line = fc
    .tuple(key, fc.constantFrom('', ' ', '  '), value, fc.constantFrom('', ' # comment', ' '))
    .map(([name, blank, text, end]) => ({
      name,
      text: `${name}${blank}=${blank}${text}${end}`,
    }))

  test('the same values, wherever the dialects agree', () => {
    fc.assert(
      fc.property(
        fc.uniqueArray(line, {selector: ({name}) => name, maxLength: 6}),
        fc.constantFrom('\n', '\r\n', '\n# comment\n\n'),
        (lines, end) => {
          const text = lines.map(({text}) => text).join(end)
          expect(Object.fromEntries(valuesOf(text))).toEqual(parse(text))
        },
      ),
      {numRuns: 1000},
    )
  })

  test.for(realFiles.map(({from, text}) => [from, text] as const))('%s', ([, text]) => {
    const disputed = /^[^#\n]*=[^\n]*#|\\[^nr]/m
    const values = Object.fromEntries(valuesOf(text))
    if (disputed.test(text)) expect(Object.keys(values)).toEqual(Object.keys(parse(text)))
    else expect(values).toEqual(parse(text))
  })
})

describe('any input', () => {
  test('any bytes give entries or problems', () => {
    const soup = fc.string({unit: fc.constantFrom(...'AB=: \t\r\n#\\"\'`$.é\0\ufeffexport '), maxLength: 60}).map(text => Buffer.from(text))
    fc.assert(
      fc.property(fc.oneof(fc.uint8Array({maxLength: 200}), soup), bytes => {
        const {entries, problems} = readEnvFile(bytes)
        const lineCount = Buffer.from(bytes)
          .toString()
          .split(/\r\n?|\n/).length
        if (problems.some(({stops}) => stops)) expect(entries).toEqual([])
        for (const {line} of [...entries, ...problems]) expect(line).toBeLessThanOrEqual(lineCount)
      }),
      {numRuns: 2000},
    )
  })

  test('a value in single quotes is read as it is', () => {
    fc.assert(
      fc.property(fc.string({unit: 'binary', maxLength: 40}), text => {
        const value = text.toWellFormed().replaceAll(/['\r\0]/g, '')
        expect(valuesOf(`A='${value}'\nB=1`)).toEqual([
          ['A', value],
          ['B', '1'],
        ])
      }),
    )
  })

  test.for<[sizeMb: number, name: string, junk: string]>([
    [10, 'variables', 'SOME_NAME=a value of some length # and a comment\n'],
    [1, 'short variables', 'A=b\n'],
    [10, 'lines that set nothing', 'this is a line\n'],
    [10, 'text in an open quote', 'A="b\\" '],
    [1, 'empty lines', '\n'],
    [1, 'carriage returns', '\r'],
    [1, 'blanks', ' '],
    [1, 'a key without end', 'A'],
    [1, 'keys and blanks', 'A '],
    [1, 'export', 'export '],
    [1, 'comment signs', 'A= # '],
    [1, 'quotes', "A='b'\n"],
    [1, 'lines in quotes', `A="b\n\n"\n`],
  ])('%i MB of %s are read in linear time', ([sizeMb, , junk]) => {
    const {problems} = readEnvFile(Buffer.alloc(sizeMb * 1_000_000, junk))
    expect(problems.length).toBeLessThanOrEqual(502)
  })
})

test.for<[raw: string, value: string]>([
  [String.raw`a\\n`, String.raw`a\n`],
  [String.raw`\\\n`, '\\\n'],
  ['plain', 'plain'],
])('the escapes of %s are read from left to right', ([raw, value]) => {
  expect(unescapeDoubleQuoted(raw)).toBe(value)
})
