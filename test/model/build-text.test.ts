import {expect, test} from 'vitest'
import {body, heading, mergeProcessTypes, renderProcessTypes, renderSize, stackTitle, warning} from '../../src/model/build-text.ts'

test('the shape of a build: headings, body, warnings', () => {
  expect([heading('Node.js app detected'), body('text'), body(''), warning('Push failed')]).toEqual([
    '-----> Node.js app detected',
    '       text',
    '',
    ' !     Push failed',
  ])
  expect(stackTitle('heroku-24')).toBe('Heroku-24')
})

test.for([
  [0, '0B'],
  [812 * 1024, '812K'],
  [45.2 * 1024 * 1024, '45.2M'],
  [823 * 1024 * 1024, '823M'],
  [1024 ** 3, '1G'],
  [1.5 * 1024 ** 3, '1.5G'],
] as const)('%d bytes are %s', ([bytes, text]) => {
  expect(renderSize(bytes)).toBe(text)
})

test('tells the types of the Procfile, and those that the buildpack adds', () => {
  const defaults = new Map([
    ['web', 'npm start'],
    ['rake', 'bundle exec rake'],
  ])
  expect(renderProcessTypes({procfile: new Map([['web', 'x']]), defaults, language: 'Ruby'})).toEqual([
    '       Procfile declares types -> web',
    '       Default types for Ruby -> rake',
  ])
  expect(renderProcessTypes({procfile: new Map(), defaults: new Map(), language: 'Ruby'})).toEqual([
    '       Procfile declares types -> (none)',
  ])
})

test('the Procfile beats the defaults, and its order comes first', () => {
  const merged = mergeProcessTypes(
    new Map([['worker', 'w']]),
    new Map([
      ['web', 'default'],
      ['worker', 'default'],
    ]),
  )
  expect([...merged]).toEqual([
    ['worker', 'w'],
    ['web', 'default'],
  ])
})
