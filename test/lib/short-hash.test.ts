import {createHash} from 'node:crypto'
import {expect, test} from 'vitest'
import {shortHash} from '../../src/lib/short-hash.ts'

test.for(['', '/home/ü/app', 'x'.repeat(10_000)])('of %j it is the beginning of the SHA-256', text => {
  expect(shortHash(text)).toBe(createHash('sha256').update(text).digest('hex').slice(0, 16))
})
