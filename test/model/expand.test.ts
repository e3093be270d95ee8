import fc from 'fast-check'
import {describe, expect, test} from 'vitest'
import {readEnvFile} from '../../src/model/env-file.ts'
import {expandEnvFile} from '../../src/model/expand.ts'
import {placesOf} from '../support/peer-cases.ts'

const shell: Readonly<Record<string, string>> = {HOME: '/home/me', PATH: '/bin', EMPTY: '', A: 'shell', REF: '$HOME'}
const expand = (text: string) => expandEnvFile(readEnvFile(Buffer.from(text)), name => shell[name])
const last = (text: string) => expand(text).entries.at(-1)?.value

describe('what is expanded', () => {
  test.for<[name: string, text: string, value: string]>([
    ['$NAME', 'X=a$HOME/b', 'a/home/me/b'],
    ['a brace', `X=a\${HOME}b`, 'a/home/meb'],
    ['double quotes', `X="a \${HOME}\n$HOME"`, 'a /home/me\n/home/me'],
    ['back-ticks', 'X=`$HOME`', '/home/me'],
    ['not single quotes', "X='$HOME'", '$HOME'],
    ['the file before the shell', 'A=file\nX=$A', 'file'],
    ['the shell where the file is silent', 'B=file\nX=$A', 'shell'],
    ['a value above, as it was expanded', 'B=$HOME\nX=$B/x', '/home/me/x'],
    ['itself means the shell', 'PATH=./bin:$PATH', './bin:/bin'],
    ['itself means the line above', 'B=1\nB=$B:2', '1:2'],
    ['a default where nothing is set', `X=\${NOPE:-a b}`, 'a b'],
    ['a default where an empty value is set', `X=\${EMPTY:-d}`, 'd'],
    ['no default where a value is set', `X=\${HOME:-d}`, '/home/me'],
    ['an empty default', `X=a\${NOPE:-}b`, 'ab'],
    ['a default with a $ is text', `X=\${NOPE:-$HOME}`, '$HOME'],
    ['a default in double quotes has escapes', `X="\${NOPE:-a\\nb}"`, 'a\nb'],
    ['an empty value', `X=a\${EMPTY}b`, 'ab'],
  ])('%s', ([, text, value]) => {
    expect(expand(text).problems.filter(({stops}) => stops)).toEqual([])
    expect(last(text)).toBe(value)
  })

  test('a name that is set further down, when nothing above sets it', () => {
    expect(expand('X=$B\nB=$HOME').entries.map(entry => entry.value)).toEqual(['/home/me', '/home/me'])
    expect(expand('A=1\nX=$A\nA=2').entries.map(entry => entry.value)).toEqual(['1', '1', '2'])
  })

  test('what is put in is not expanded again', () => {
    expect(last("A='$HOME'\nX=$A")).toBe('$HOME')
    expect(last('X=$REF')).toBe('$HOME')
    expect(last(`A='\${HOME}'\nX="\${A}"`)).toBe(`\${HOME}`)
  })

  test.for([
    '$',
    '$$',
    'a$',
    '$1',
    '$100',
    '$(x)',
    '$-',
    `\${}`,
    `\${1}`,
    `\${HOME`,
    `\${HOME:-`,
    `\${HOME-x}`,
    `\${HOME:x}`,
    `\${ HOME}`,
    '$é',
    `"$"`,
  ])('%s is text', text => {
    const {entries, problems} = expand(`X=${text}`)
    expect([entries[0]?.value, problems]).toEqual([text.replaceAll('"', ''), []])
  })

  test.for<[text: string, value: string]>([
    [String.raw`X="\$HOME"`, '$HOME'],
    [String.raw`X="\\$HOME"`, String.raw`\/home/me`],
    [String.raw`X="\\\$HOME"`, String.raw`\$HOME`],
    [String.raw`X="\a$HOME\n"`, '\\a/home/me\n'],
    [String.raw`X=\$HOME`, String.raw`\/home/me`],
    ['X=$$HOME', '$/home/me'],
    [`X="a\${HOME}\\t\${NOPE:-\\"}"`, 'a/home/me\t"'],
  ])('escapes in %s', ([text, value]) => {
    expect(last(text)).toBe(value)
  })
})

describe('an undefined name', () => {
  test.for<[text: string, problem: string]>([
    ['A=1\nX = a$NOPE', 'error 2:6 undefined-name'],
    [`X="a\n\nb \${NOPE}"`, 'error 3:3 undefined-name'],
    [`X='a'\nY=\`\${NOPE}\``, 'error 2:4 undefined-name'],
    ['X=$X', 'error 1:3 undefined-name'],
    ['X=$Y\nY=$X', 'error 2:3 undefined-name'],
  ])('%j stops, at its place', ([text, problem]) => {
    const {problems} = expand(text)
    expect([placesOf(problems), problems[0]?.stops]).toEqual([[problem], true])
  })

  test('is named, the value is not', () => {
    const {problems} = expand('X=geheim$NOPE')
    expect(problems[0]?.message).toBe('X refers to NOPE, which neither the files nor the shell set.')
    expect(JSON.stringify(problems)).not.toContain('geheim')
  })
})

describe('bounded', () => {
  test('values that double each other end as a problem', () => {
    const lines = Array.from({length: 60}, (_, index) => `A${index + 1}=$A${index}$A${index}`)
    const {problems, entries} = expand(['A0=0123456789', ...lines].join('\n'))
    expect(placesOf(problems)).toEqual([expect.stringContaining('expanded-too-long')])
    expect(Math.max(...entries.map(({value}) => value.length))).toBeLessThan(2_000_000)
  })

  test('a chain further down ends somewhere', () => {
    const lines = Array.from({length: 100_000}, (_, index) => `A${index}=$A${index + 1}`)
    const {problems} = expand(lines.join('\n'))
    expect(problems.length).toBeGreaterThan(0)
  })

  test.for([`\${A:-`, '$', `\${A`, '\\', '$A', '\\$', `\${A:-}`])('1 MB of %s is read in linear time', junk => {
    for (const quote of ['', '"', '`']) {
      const {entries} = expand(`A=1\nX=${quote}${junk.repeat(Math.floor(1_000_000 / junk.length / 2) * 2)}${quote}`)
      expect(entries).toHaveLength(2)
    }
  })

  test('without a $ the values are those of the reader', () => {
    fc.assert(
      fc.property(fc.string({unit: fc.constantFrom(...'AB= \n"\'`\\n#x')}), text => {
        const file = readEnvFile(Buffer.from(text))
        expect(expandEnvFile(file, () => undefined).entries).toEqual(file.entries)
      }),
      {numRuns: 1000},
    )
  })
})
