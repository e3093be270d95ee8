import {expect, test} from 'vitest'
import {judgeMemory, renderMemoryVerdict} from '../../src/model/memory-quota.ts'

const mib = 1024 * 1024
const quota = 512 * mib

test.for([
  [512, 100, 'within'],
  [513, 100, 'exceeded'],
  // Cache alone never kills.
  [5_000, 1_023, 'exceeded'],
  [1_024, 1_024, 'vastly-exceeded'],
] as const)('%i MB used, %i MB held: %s', ([used, held, verdict]) => {
  expect(judgeMemory({usedBytes: used * mib, heldBytes: held * mib}, quota)).toBe(verdict)
})

test('the lines are those of the platform, MB as MiB, one decimal', () => {
  const reading = {usedBytes: 1_028 * mib, heldBytes: 1_030 * mib}
  expect(renderMemoryVerdict('within', reading, quota)).toEqual([])
  expect(renderMemoryVerdict('exceeded', {usedBytes: 1_057.8 * mib, heldBytes: 0}, 1_024 * mib)).toEqual([
    'Process running mem=1058MB(103.3%)',
    'Error R14 (Memory quota exceeded)',
  ])
  expect(renderMemoryVerdict('vastly-exceeded', reading, quota)).toEqual([
    'Process running mem=1030MB(201.2%)',
    'Error R15 (Memory quota vastly exceeded)',
    'Stopping process with SIGKILL',
  ])
})
