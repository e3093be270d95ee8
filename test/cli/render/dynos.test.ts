import {expect, test} from 'vitest'
import {painter} from '../../../src/cli/colour.ts'
import {renderDynos} from '../../../src/cli/render/dynos.ts'
import {renderAgo} from '../../../src/cli/render/when.ts'
import type {DynoStatus} from '../../../src/model/dyno.ts'

const now = Date.UTC(2026, 10, 25, 3, 4, 5)

function dyno(name: string, more: Partial<DynoStatus> = {}): DynoStatus {
  return {
    dyno: name,
    type: name.split('.')[0] ?? '',
    state: 'up',
    since: new Date(now - 65_000).toISOString(),
    pid: 12,
    port: 5_000,
    memoryBytes: 1_048_576,
    isolation: 'process',
    command: 'node web.js',
    restarts: 0,
    ...more,
  }
}

test('dynos stand in columns below their type and its command', () => {
  const dynos = [
    dyno('web.1'),
    dyno('web.10', {pid: 4_711, memoryBytes: 123_456_789}),
    dyno('worker.1', {command: 'node worker.js', state: 'crashed', pid: null, port: null, memoryBytes: null, restarts: 3}),
  ]
  const shown = renderDynos(dynos, {app: 'hello', now, paint: painter(false)})
  expect(shown.replaceAll(/\d{4}\/\d\d\/\d\d \d\d:\d\d:\d\d [+-]\d{4}/g, 'WHEN')).toBe(`=== web: node web.js (2)

web.1:     up       WHEN (~ 1m ago)  pid 12    port 5000  1.0 MB    process
web.10:    up       WHEN (~ 1m ago)  pid 4711  port 5000  117.7 MB  process

=== worker: node worker.js (1)

worker.1:  crashed  WHEN (~ 1m ago)                                 process  3 restarts
`)
})

test('no dynos are told, and colours are those of the states', () => {
  expect(renderDynos([], {app: 'hello', now, paint: painter(false)})).toBe('No dynos on hello\n')
  expect(renderDynos([dyno('web.1', {state: 'crashed'})], {app: 'hello', now, paint: painter(true)})).toContain(
    '\u001b[31mcrashed\u001b[39m',
  )
})

test.for([
  [0, '~ 0s ago'],
  [59_999, '~ 59s ago'],
  [60_000, '~ 1m ago'],
  [7_200_000, '~ 2h ago'],
  [172_800_000, '~ 2d ago'],
  [-5, '~ 0s ago'],
] as const)('%d ms are %s', ([durationMs, text]) => {
  expect(renderAgo(durationMs)).toBe(text)
})
