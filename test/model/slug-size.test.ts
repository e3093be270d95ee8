import {expect, test} from 'vitest'
import {renderSlugSize} from '../../src/model/slug-size.ts'

test.for([
  [0, '0K'],
  [1, '1K'],
  [12_000, '12K'],
  [1024 * 1024, '1.0M'],
  [47_395_635, '45.2M'],
  [823 * 1024 * 1024, '823M'],
] as const)('%i bytes are %s', ([bytes, text]) => {
  expect(renderSlugSize(bytes)).toBe(text)
})
