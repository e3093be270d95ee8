import {expect, test} from 'vitest'
import {dynoSize, parseSizes} from '../../src/model/dyno-size.ts'

const mib = 1024 * 1024

test.for([
  ['eco', 512, 256, 1],
  ['basic', 512, 256, 1],
  ['standard-1x', 512, 256, 1],
  ['Standard-2X', 1024, 512, 2],
  ['performance-m', 2560, 16_384, 12],
  ['performance-l', 14_336, 32_768, 50],
  ['performance-l-ram', 30_720, 32_768, 24],
  ['performance-xl', 63_488, 32_768, 50],
  ['performance-2xl', 129_024, 32_768, 100],
  ['private-s', 1024, 512, 2],
  ['private-m', 2560, 16_384, 12],
  ['private-l', 14_336, 32_768, 50],
  ['1X', 512, 256, 1],
  ['2X', 1024, 512, 2],
  ['PX', 6144, 32_768, 12],
] as const)('%s has %i MB, %i processes and %i shares of the CPU', ([name, megabytes, processes, cpuShare]) => {
  expect(dynoSize(name)).toEqual({name: name.toLowerCase(), memoryBytes: megabytes * mib, processes, cpuShare})
})

test.for(['huge', '', 'constructor', 'standard_1x'])('“%s” is no size', name => {
  expect(() => dynoSize(name)).toThrow(expect.objectContaining({code: 'FLAG_INVALID', hint: expect.stringContaining('standard-1x')}))
})

test('sizes are read by type, from repeated flags and comma lists; the last one of a type wins', () => {
  const sizes = parseSizes(['web=standard-2x,worker=eco', ' web=performance-m ', ''])
  expect([...sizes].map(([type, {name}]) => [type, name])).toEqual([
    ['web', 'performance-m'],
    ['worker', 'eco'],
  ])
})

test.for(['web', 'web:standard-1x', '=eco', 'web=', 'we b=eco', 'web=nope'])('“%s” is refused', text => {
  expect(() => parseSizes([text])).toThrow(expect.objectContaining({code: 'FLAG_INVALID'}))
})
