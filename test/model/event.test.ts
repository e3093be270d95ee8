import {expect, test} from 'vitest'
import {now, platformLine, renderTime} from '../../src/model/event.ts'

test('time has microseconds', () => {
  expect(renderTime(1_764_000_000_123.456)).toBe('2025-11-24T16:00:00.123456Z')
  expect(renderTime(1_764_000_000_000)).toBe('2025-11-24T16:00:00.000000Z')
})

test('now is close to Date.now()', () => {
  expect(Math.abs(now() - Date.now())).toBeLessThan(1_000)
})

test('a platform line is a whole line from heroku', () => {
  const {lines, source, dyno} = platformLine('web.1', 'State changed from starting to up', 5)
  expect([lines.toString(), source, dyno]).toEqual(['State changed from starting to up\n', 'heroku', 'web.1'])
})
