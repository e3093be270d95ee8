import {expect, test} from 'vitest'
import {nearest} from '../../src/lib/nearest.ts'

const commands = ['start', 'stop', 'status', 'ps', 'ps:scale', 'logs', 'slugs:export']

test.for([
  ['strat', 'start'],
  ['Stop', 'stop'],
  ['statsu', 'status'],
  ['sp', 'ps'],
  ['ps:scal', 'ps:scale'],
  ['slugs:exprot', 'slugs:export'],
  ['lgs', 'logs'],
] as const)('%s was meant to be %s', ([word, meant]) => {
  expect(nearest(word, commands)).toBe(meant)
})

test.for(['deploy', '', 'x', 'restart-everything'])('%s is near to nothing', word => {
  expect(nearest(word, commands)).toBeUndefined()
})
