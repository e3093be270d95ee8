import {expect, test} from 'vitest'
import {RequestIds} from '../../../src/engines/router/request-id.ts'

test('request ids are random UUIDs, each of them', () => {
  const ids = new RequestIds()
  const made = Array.from({length: 2000}, () => ids.next())
  expect(new Set(made).size).toBe(2000)
  for (const id of made) expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/)
})
