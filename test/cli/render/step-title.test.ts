import {expect, test} from 'vitest'
import {isWarningLine, stepTitle} from '../../../src/cli/render/step-title.ts'

test.for([
  [{name: 'source'}, 'Source'],
  [{name: 'compile nodejs', detail: 'Node.js'}, 'Node.js, compiled by nodejs'],
  [{name: 'compile my pack'}, 'App, compiled by my pack'],
  [{name: 'slug'}, 'Compressing the slug'],
  [{name: 'something new'}, 'something new'],
] as const)('%j is “%s”', ([event, title]) => {
  expect(stepTitle(event)).toBe(title)
})

test('warnings are the lines that stay', () => {
  expect([' !     Push failed', '       fine', '-----> Node.js app detected'].map(isWarningLine)).toEqual([true, false, false])
})
