import fc from 'fast-check'
import {expect, test} from 'vitest'
import {dynoMarker, highestLimit, isOfSession, markerLimit, markerOfLimit, newSessionId} from '../../../src/engines/dyno/mark.ts'

test('a session’s name is nine hex digits, and hardly ever the same', () => {
  const ids = Array.from({length: 1000}, newSessionId)
  expect(ids.every(id => /^[0-9a-f]{9}$/.test(id))).toBe(true)
  expect(new Set(ids).size).toBe(1000)
})

test('a mark is told by its limit, for every session and dyno', () => {
  fc.assert(
    fc.property(fc.nat(2 ** 30 - 1), fc.nat(65_535), (number, serial) => {
      const session = (number * 64).toString(16).padStart(9, '0')
      const marker = dynoMarker(session, serial)
      const limit = markerLimit(marker)
      expect(Number.isSafeInteger(limit)).toBe(true)
      expect(limit).toBeLessThanOrEqual(highestLimit(session))
      expect(markerOfLimit(limit)).toBe(marker)
      expect(isOfSession(marker, session)).toBe(true)
    }),
  )
  expect(markerOfLimit(markerLimit(dynoMarker('fffffffff', 65_535)))).toBe('fffffffff-ffff')
})

test('a limit that people set is no mark', () => {
  expect([0, 1, 1024, 2 ** 40, 2 ** 52 - 1, 2 ** 53].map(markerOfLimit)).toEqual(Array(6).fill(undefined))
})

test('a session does not own the marks of another one that begins alike', () => {
  expect(isOfSession('0123456789-0000', '012345678')).toBe(false)
})
