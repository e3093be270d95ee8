import {expect, test} from 'vitest'
import {type LineSink, RequestLog} from '../../src/cli/request-log.ts'
import type {RequestEvent} from '../../src/model/event.ts'

const request = (line: string) => ({type: 'request', line}) as RequestEvent

function openSink() {
  const written: string[] = []
  const sink: LineSink & {isCongested: boolean} = {isCongested: false, write: text => void written.push(text), flush: async () => {}}
  return {sink, written}
}

test('lines are gathered, in their order', async () => {
  const {sink, written} = openSink()
  const log = new RequestLog(
    sink,
    ({line}) => `${line}\n`,
    () => {},
  )
  for (let i = 0; i < 1000; i++) log.add(request(String(i)))
  expect(written).toEqual([])
  await expect.poll(() => written.join('')).toBe(Array.from({length: 1000}, (_, i) => `${i}\n`).join(''))
})

test('a full batch does not wait, flush neither', async () => {
  const {sink, written} = openSink()
  const log = new RequestLog(
    sink,
    ({line}) => line,
    () => {},
  )
  log.add(request('x'.repeat(70_000)))
  expect(written).toHaveLength(1)
  log.add(request('y'))
  await log.flush()
  expect(written[1]).toBe('y')
})

test('what nobody reads in time is left out and counted, the rest is kept', async () => {
  const {sink, written} = openSink()
  const leftOut: number[] = []
  sink.isCongested = true
  const log = new RequestLog(
    sink,
    ({line}) => line,
    count => leftOut.push(count),
  )
  for (let i = 0; i < 20; i++) log.add(request('x'.repeat(1_048_576)))
  expect(written).toEqual([])
  sink.isCongested = false
  await expect.poll(() => written.join('').length).toBe(17 * 1_048_576)
  expect(leftOut).toEqual([3])
})
