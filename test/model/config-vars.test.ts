import {describe, expect, test} from 'vitest'
import {configVarValues, mergeEnvFiles, portOf, withEnvVars} from '../../src/model/config-vars.ts'
import {readEnvFile} from '../../src/model/env-file.ts'
import {placesOf} from '../support/peer-cases.ts'

const file = (name: string, text: string) => readEnvFile(Buffer.from(text), name)

describe('several files', () => {
  const {configVars, problems} = mergeEnvFiles([file('a', 'X=1\nY=2'), file('b', 'Z=3\n\nX=4'), file('c', 'X=5\nX=6')])

  test('the later wins, in the order in which names first come', () => {
    expect(Object.entries(configVarValues(configVars))).toEqual([
      ['X', '6'],
      ['Y', '2'],
      ['Z', '3'],
    ])
  })

  test('each variable knows where it was set, and what it beat', () => {
    expect(configVars.get('X')).toEqual({
      value: '6',
      place: {file: 'c', line: 2, column: 1},
      overridden: [
        {file: 'a', line: 1, column: 1},
        {file: 'b', line: 3, column: 1},
      ],
    })
    expect(configVars.get('Y')).toMatchObject({place: {file: 'a', line: 2}, overridden: []})
  })

  test('the problems of all come along', () => {
    expect(problems.map(({file, rule}) => [file, rule])).toEqual([['c', 'duplicate-key']])
  })

  test('expansion sees the files before, then the shell', () => {
    const files = [file('a', 'X=1'), file('b', 'Y=$X$S')]
    expect(configVarValues(mergeEnvFiles(files, {expand: true, shellEnv: {X: 'shell', S: 's'}}).configVars)).toEqual({X: '1', Y: '1s'})
    expect(configVarValues(mergeEnvFiles(files, {shellEnv: {S: 's'}}).configVars)).toEqual({X: '1', Y: '$X$S'})
  })

  test('names of objects are not found in the shell', () => {
    expect(mergeEnvFiles([file('a', 'X=$toString')], {expand: true}).problems).toMatchObject([{rule: 'undefined-name'}])
  })

  test('__proto__ is a variable like any other', () => {
    const values = configVarValues(mergeEnvFiles([file('a', '__proto__=1')]).configVars)
    expect(Object.entries(values)).toEqual([['__proto__', '1']])
  })

  test('one name on 300,000 lines costs no time', () => {
    const {configVars: merged} = mergeEnvFiles([file('a', 'A=1\n'.repeat(300_000))])
    expect(merged.get('A')).toMatchObject({place: {line: 300_000}, overridden: []})
  })
})

describe('--env-var', () => {
  const {configVars} = mergeEnvFiles([file('.env', 'X=1')])

  test('beats all files', () => {
    expect(withEnvVars(configVars, ['X=2', 'Y=a=b\nc', 'Z=']).get('X')).toMatchObject({
      value: '2',
      place: {file: '--env-var'},
      overridden: [{file: '.env'}],
    })
    expect(configVarValues(withEnvVars(configVars, ['Y=a=b\nc', 'Z=']))).toEqual({X: '1', Y: 'a=b\nc', Z: ''})
  })

  test.for(['geheim', '=geheim', 'A B=geheim'])('refuses %j without showing it', setting => {
    expect(() => withEnvVars(configVars, [setting])).toThrow(
      expect.objectContaining({code: 'FLAG_INVALID', exitCode: 2, message: expect.not.stringContaining('geheim')}),
    )
  })
})

describe('PORT', () => {
  const port = (text: string) => portOf(mergeEnvFiles([file('.env', text)]).configVars)

  test.for<[text: string, port: number | undefined]>([
    ['A=1', undefined],
    ['PORT=7000', 7000],
    ['PORT="0"', 0],
    ['PORT=65535', 65_535],
  ])('%s', ([text, expected]) => {
    expect(port(text)).toBe(expected)
  })

  test.for(['PORT=abc', 'PORT=', 'PORT=65536', 'PORT=-1', 'PORT=1.5', 'PORT=0x10', 'PORT=5000x', 'PORT=$P'])(
    '%s is exit 3 with its place and without its value',
    text => {
      expect(() => port(`A=1\n${text}`)).toThrow(
        expect.objectContaining({
          code: 'PORT_INVALID',
          exitCode: 3,
          place: {file: '.env', line: 2, column: 1},
          message: 'PORT is no number from 0 to 65535.',
        }),
      )
    },
  )
})

test.for<[text: string, shellPath: string, problems: readonly string[]]>([
  ['PATH=./bin', '/bin:/opt/x', ['warning 1:1 path-without-system']],
  ['PATH=./bin:$PATH', '/bin', ['warning 1:1 path-without-system']],
  ['PATH=', '/bin', ['warning 1:1 path-without-system']],
  ['PATH=./bin:/usr/bin', '', []],
  ['PATH=./bin:/opt/x', '/bin:/opt/x', []],
])('%s with %s in the shell', ([text, shellPath, problems]) => {
  expect(placesOf(mergeEnvFiles([file('.env', text)], {shellEnv: {PATH: shellPath}}).problems)).toEqual(problems)
})
