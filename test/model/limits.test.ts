import {expect, test} from 'vitest'
import {platformLimits} from '../../src/model/limits.ts'

test('the platform boots within 60 s, stops within 30 s, answers within 30 s', () => {
  expect(platformLimits()).toMatchObject({bootMs: 60_000, stopSlugMs: 30_000, firstByteMs: 30_000, rollingMs: 55_000, queueMs: 75_000})
})

test('the scale multiplies every time', () => {
  const [plain, scaled] = [platformLimits(), platformLimits(0.01)]
  for (const name of Object.keys(plain) as (keyof typeof plain)[]) expect(scaled[name]).toBeCloseTo(plain[name] / 100)
})
