import {expect, test} from 'vitest'
import {adviseEnvFile} from '../../src/model/env-advice.ts'
import {readEnvFile} from '../../src/model/env-file.ts'
import {placesOf} from '../support/peer-cases.ts'

const advise = (text: string, expand = false) => adviseEnvFile(readEnvFile(Buffer.from(text)), {expand})

test.for<[text: string, problems: readonly string[]]>([
  ['A=b', []],
  ['export A=b\nexport B=c', ['note 1:8 export']],
  ['A =b\n B=c', ['note 1:1 blanks-round-equals']],
  ['A= # c\nB=', []],
  ['A=b#c\nB=d#e', ['note 1:3 hash-in-value']],
  ['A="b#c"', []],
  ['A="b\nc"', ['note 1:4 value-of-lines']],
  [String.raw`A="\n\r"`, []],
  [String.raw`A="\t"`, ['note 1:4 escape-in-value']],
  [String.raw`A="C:\new"`, ['warning 1:4 windows-path']],
  [String.raw`A="C:\\new"`, ['note 1:4 escape-in-value']],
  [String.raw`A='C:\new'`, []],
  [`A=$B\nC="\${D}"`, ['note 1:3 dollar-is-text']],
  ["A='$B'", []],
  [String.raw`A="\$B"`, ['note 1:4 escape-in-value']],
  ['A=$1 $$x $(y)', []],
  ['HEROKU_X=1\n__Y=2', ['note 1:1 reserved-name']],
  [`A=${'x'.repeat(131_069)}`, ['note 1:1 too-large-for-platform']],
  [`A=${'x'.repeat(131_070)}`, ['note 1:1 too-large-for-platform', 'error 1:3 value-too-long']],
])('%.40j', ([text, problems]) => {
  expect(placesOf(advise(text)).toSorted()).toEqual(problems.toSorted())
})

test('with --expand a $NAME is no text', () => {
  expect(advise('A=$B', true)).toEqual([])
})

test('no advice holds a value', () => {
  const text = 'export A=geheim#1\nB = "geheim\n$HOME \\t"\nC=$geheim\nHEROKU_D=geheim'
  expect(advise(text).length).toBeGreaterThan(4)
  expect(JSON.stringify(advise(text))).not.toContain('geheim')
})
