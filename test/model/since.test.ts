import {expect, test} from 'vitest'
import {parseSince} from '../../src/model/since.ts'

const now = Date.UTC(2026, 10, 25, 12)

test.for([
  ['30s', now - 30_000],
  ['10m', now - 600_000],
  ['1h30m', now - 5_400_000],
  ['2d', now - 172_800_000],
  ['0m', now],
  ['2026-11-25T03:04:05Z', Date.UTC(2026, 10, 25, 3, 4, 5)],
  ['2026-11-25T03:04:05.5+01:00', Date.UTC(2026, 10, 25, 2, 4, 5, 500)],
  ['2026-11-24', Date.UTC(2026, 10, 24)],
] as const)('%s is understood', ([text, time]) => {
  expect(parseSince(text, now)).toBe(time)
})

test.for(['', '10', 'm', '10x', 'yesterday', '-5m', '2026-13-45', '10m ago'])('“%s” is refused with an example', text => {
  expect(() => parseSince(text, now)).toThrow(expect.objectContaining({code: 'FLAG_INVALID', hint: expect.stringContaining('--since 10m')}))
})
