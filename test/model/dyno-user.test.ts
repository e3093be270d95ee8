import {expect, test} from 'vitest'
import {dynoUidCount, firstDynoUid, sandboxUser} from '../../src/model/dyno-user.ts'

test('all lie in the range that systemd calls unused, below what a container knows, and the user of sandboxes is no other dyno’s', () => {
  for (const uid of [sandboxUser.uid, firstDynoUid, firstDynoUid + dynoUidCount - 1]) {
    expect(uid).toBeGreaterThanOrEqual(60_578)
    expect(uid).toBeLessThanOrEqual(61_183)
  }
  expect(sandboxUser.uid).toBeLessThan(firstDynoUid)
})
