import {expect, test} from 'vitest'
import type {OutputEvent} from '../../src/model/event.ts'
import {renderHeroku} from '../../src/model/heroku-line.ts'

const output = (lines: string, more: Partial<OutputEvent> = {}): OutputEvent => ({
  type: 'output',
  time: Date.UTC(2026, 0, 1) + 3_123.456,
  source: 'app',
  dyno: 'web.1',
  stream: 'stdout',
  lines: Buffer.from(lines),
  ...more,
})

test('is the line of platform.md f.1, with microseconds and +00:00', () => {
  expect(renderHeroku(output('hello\n')).toString()).toBe('2026-01-01T00:00:03.123456+00:00 app[web.1]: hello\n')
})

test('what is no output is told by heroku', () => {
  const event = {type: 'state', time: Date.UTC(2026, 0, 1), dyno: 'web.1', from: 'starting', to: 'up'} as const
  expect(renderHeroku(event).toString()).toBe('2026-01-01T00:00:00.000000+00:00 heroku[web.1]: State changed from starting to up\n')
})

test('empty lines are kept, the CR of a CRLF is not, and an unfinished line is none yet', () => {
  expect(renderHeroku(output('\na\r\n'), {timestamps: false}).toString()).toBe('app[web.1]: \napp[web.1]: a\n')
  expect(renderHeroku(output('wait', {partial: true}))).toHaveLength(0)
})

test('a line over 10,000 bytes is several messages with nothing added, and no torn character', () => {
  const text = `${'é'.repeat(4_999)}x${'é'.repeat(3_000)}`
  const messages = renderHeroku(output(`${text}\n`), {timestamps: false})
    .toString()
    .split('\n')
    .slice(0, -1)
  expect(messages).toHaveLength(2)
  expect(messages.map(message => message.slice('app[web.1]: '.length)).join('')).toBe(text)
})
