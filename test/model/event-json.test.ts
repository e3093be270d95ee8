import {isUtf8} from 'node:buffer'
import {expect, test} from 'vitest'
import type {OutputEvent} from '../../src/model/event.ts'
import {renderJson} from '../../src/model/event-json.ts'

const output = (lines: Buffer | string, more: Partial<OutputEvent> = {}): OutputEvent => ({
  type: 'output',
  time: 1_764_000_000_123.456,
  source: 'app',
  dyno: 'web.1',
  stream: 'stdout',
  lines: Buffer.from(lines),
  ...more,
})

const objects = (event: Parameters<typeof renderJson>[0]) =>
  renderJson(event)
    .toString()
    .split('\n')
    .slice(0, -1)
    .map(line => JSON.parse(line))

test('a block becomes one object a line, with all keys of the contract', () => {
  expect(objects(output('one\ntwo\n'))).toEqual([
    {type: 'line', time: '2025-11-24T16:00:00.123456Z', source: 'app', dyno: 'web.1', stream: 'stdout', text: 'one', partial: false},
    {type: 'line', time: '2025-11-24T16:00:00.123456Z', source: 'app', dyno: 'web.1', stream: 'stdout', text: 'two', partial: false},
  ])
})

test('the first key is type, the second time', () => {
  expect(renderJson(output('x\n')).toString()).toMatch(/^\{"type":"line","time":"/)
})

test.for([
  ['quotes and backslashes', 'say "hi" \\n \\', 'say "hi" \\n \\'],
  ['colours and tabs', '\u001b[31mred\u001b[0m\tx', '\u001b[31mred\u001b[0m\tx'],
  ['UTF-8', 'naïve — 🚢 \u2028', 'naïve — 🚢 \u2028'],
  ['a CR at the end', 'windows\r', 'windows'],
  ['a lone CR', '10%\r50%', '10%\r50%'],
  ['an empty line', '', ''],
])('text with %s stays itself', ([, line, text]) => {
  expect(objects(output(`before\n${line}\nafter\n`)).map(object => object.text)).toEqual(['before', text, 'after'])
})

test('bytes that are no UTF-8 become replacement characters, and the JSON stays valid UTF-8', () => {
  const event = output(Buffer.from([0x61, 0xff, 0x62, 0x0a]))
  expect(isUtf8(renderJson(event))).toBe(true)
  expect(objects(event).map(object => object.text)).toEqual(['a\ufffdb'])
})

test('the beginning of a line is marked as partial', () => {
  expect(objects(output('Password: ', {partial: true}))).toMatchObject([{text: 'Password: ', partial: true}])
})

test('other events keep their keys, with the time in RFC 3339', () => {
  const state = {type: 'state', time: 1_764_000_000_000, dyno: 'web.1', from: 'starting', to: 'up', pid: 12, port: 5001} as const
  expect(objects(state)).toEqual([{...state, time: '2025-11-24T16:00:00.000000Z'}])
})

test('a request has the keys of the contract and no others, its line too when that is made on demand', () => {
  const request = {
    type: 'request',
    time: 1_764_000_000_000,
    method: 'GET',
    path: '/',
    host: 'a',
    requestId: 'r',
    fwd: 'f',
    dyno: 'web.1',
    status: 200,
    protocol: 'http',
  } as const
  class OnDemand {
    readonly fault = undefined
    get line() {
      return 'at=info'
    }
  }
  const event = Object.assign(new OnDemand(), request)
  expect(objects(event)).toEqual([{...request, time: '2025-11-24T16:00:00.000000Z', line: 'at=info'}])
})
