import {expect, test} from 'vitest'
import {explainEnd, renderDuration} from '../../src/model/ending.ts'

test.for([
  [350, '350 ms'],
  [1_240, '1.2 s'],
  [200_000, '3 min 20 s'],
  [7_500_000, '2 h 5 min'],
] as const)('%i ms is %s', ([milliseconds, text]) => {
  expect(renderDuration(milliseconds)).toBe(text)
})

test('an end names its reason, its life and its last ten lines', () => {
  const lastLines = Array.from({length: 12}, (_, index) => `line ${index}`)
  const lines = explainEnd('web.1', {exitCode: 7, livedMs: 1_500, lastLines}, 'Restarting in 2 s.')
  expect(lines[0]).toBe('web.1 exited with status 7 after 1.5 s. Restarting in 2 s.')
  expect(lines.slice(2)).toEqual(lastLines.slice(-10).map(line => `  ${line}`))
})

test.for([
  [{signal: 'SIGKILL'}, 'web.1 was ended by SIGKILL after 0 ms. Next.'],
  [{error: new Error('spawn EAGAIN')}, 'web.1 could not start: spawn EAGAIN after 0 ms. Next.'],
] as const)('%j', ([end, text]) => {
  expect(explainEnd('web.1', {...end, livedMs: 0, lastLines: []}, 'Next.')).toEqual([text])
})
