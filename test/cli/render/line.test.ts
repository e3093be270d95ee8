import {expect, test} from 'vitest'
import {type LineOptions, lineRenderer} from '../../../src/cli/render/line.ts'
import {type OutputEvent, type PlatformEvent, platformLine} from '../../../src/model/event.ts'

const time = new Date(2026, 10, 25, 14, 2, 11, 5).getTime()

function output(lines: string, more: Partial<OutputEvent> = {}): OutputEvent {
  return {type: 'output', time, source: 'app', dyno: 'web.1', stream: 'stdout', lines: Buffer.from(lines), ...more}
}

function render(events: readonly PlatformEvent[], options: Partial<LineOptions> = {}): string {
  const renderer = lineRenderer({format: 'short', timestamps: true, isColoured: false, isTerminal: false, ...options})
  return events.map(event => renderer(event).data.toString()).join('')
}

const state: PlatformEvent = {type: 'state', time, dyno: 'web.1', from: 'starting', to: 'up', pid: 7}
const line = 'at=info method=GET path="/" host=a request_id=r fwd="::1" dyno=web.1 connect=0ms service=1ms status=200 bytes=2 protocol=http'
const request: PlatformEvent = {
  type: 'request',
  time,
  method: 'GET',
  path: '/',
  host: 'a',
  requestId: 'r',
  fwd: '::1',
  dyno: 'web.1',
  protocol: 'http',
  line,
}

test('short: time, name in a column, text; the platform tells in its own form', () => {
  expect(render([output('one\n\ntwo\n'), output('x\n', {dyno: 'worker.12'}), state, request])).toBe(
    [
      '14:02:11 web.1     | one',
      '14:02:11 web.1     | ',
      '14:02:11 web.1     | two',
      '14:02:11 worker.12 | x',
      '14:02:11 heroku[web.1]: State changed from starting to up',
      `14:02:11 heroku[router]: ${line}`,
      '',
    ].join('\n'),
  )
})

test('short: the column is as wide as the widest name, known before or met on the way', () => {
  expect(render([output('a\n')], {names: ['long_worker.10']})).toBe('14:02:11 web.1          | a\n')
  expect(render([output('a\n', {dyno: 'long_worker.1'}), output('b\n')])).toBe('14:02:11 long_worker.1 | a\n14:02:11 web.1         | b\n')
})

test('short without time', () => {
  expect(render([output('a\n'), platformLine('router', 'b', time)], {timestamps: false})).toBe('web.1     | a\nheroku[router]: b\n')
})

test('short: a line of an earlier day shows which', () => {
  expect(render([output('a\n')], {datesBefore: time + 1})).toBe('2026-11-25 14:02:11 web.1     | a\n')
})

test('short in colour: one for each dyno, and every line begins with a reset', () => {
  expect(render([output('a\n'), output('b\n', {dyno: 'web.2'}), output('c\n'), platformLine('web.1', 'd', time)], {isColoured: true})).toBe(
    [
      '\u001b[0;36m14:02:11 web.1     |\u001b[0m a',
      '\u001b[0;33m14:02:11 web.2     |\u001b[0m b',
      '\u001b[0;36m14:02:11 web.1     |\u001b[0m c',
      '\u001b[0;2m14:02:11 heroku[web.1]:\u001b[0m d',
      '',
    ].join('\n'),
  )
})

test('short: CRLF is one end of line; a CR within a line stays, but on a terminal the text behind the last one is shown', () => {
  const events = [output('windows\r\n10%\r50%\rdone\nplain\n\rfresh\nends\r\r\n')]
  expect(render(events, {timestamps: false})).toBe(
    'web.1     | windows\nweb.1     | 10%\r50%\rdone\nweb.1     | plain\nweb.1     | \rfresh\nweb.1     | ends\r\n',
  )
  expect(render(events, {timestamps: false, isTerminal: true})).toBe(
    'web.1     | windows\nweb.1     | done\nweb.1     | plain\nweb.1     | fresh\nweb.1     | ends\n',
  )
})

test('text that is no UTF-8, and characters of several bytes, stay as they are', () => {
  const lines = Buffer.concat([Buffer.from('é🚢 '), Buffer.of(0xff, 0xfe), Buffer.from('\n')])
  const renderer = lineRenderer({format: 'short', timestamps: false, isColoured: false, isTerminal: true})
  expect(renderer(output('', {lines})).data.equals(Buffer.concat([Buffer.from('web.1     | '), lines]))).toBe(true)
})

test('an unfinished line is nothing in a pipe', () => {
  for (const format of ['short', 'heroku', 'raw'] as const) expect(render([output('Password: ', {partial: true})], {format})).toBe('')
})

test('heroku: the form of the platform', () => {
  const at = Date.UTC(2026, 10, 25, 3, 4, 5) + 0.123
  const events = [output('one\r\ntwo\n', {time: at}), {...state, time: at}]
  expect(render(events, {format: 'heroku'})).toBe(
    [
      '2026-11-25T03:04:05.000123+00:00 app[web.1]: one',
      '2026-11-25T03:04:05.000123+00:00 app[web.1]: two',
      '2026-11-25T03:04:05.000123+00:00 heroku[web.1]: State changed from starting to up',
      '',
    ].join('\n'),
  )
  expect(render([output('one\n')], {format: 'heroku', timestamps: false})).toBe('app[web.1]: one\n')
})

test('heroku: a line over 10,000 bytes is several messages', () => {
  const shown = render([output(`${'x'.repeat(25_000)}\nend\n`)], {format: 'heroku', timestamps: false})
  expect(shown.split('\n').map(each => each.length - 'app[web.1]: '.length)).toEqual([10_000, 10_000, 5_000, 3, -12])
})

test('json: the objects of the contract', () => {
  const lines = render([output('one\n'), output('two', {partial: true}), state], {format: 'json'})
    .trimEnd()
    .split('\n')
  expect(lines.map(text => JSON.parse(text))).toMatchObject([
    {type: 'line', text: 'one', partial: false},
    {type: 'line', text: 'two', partial: true},
    {type: 'state', to: 'up', pid: 7},
  ])
})

test('raw: the bytes as they came, stderr apart, nothing of ours', () => {
  const renderer = lineRenderer({format: 'raw', timestamps: true, isColoured: true, isTerminal: false})
  const show = (event: PlatformEvent) => {
    const {stream, data} = renderer(event)
    return [stream, data.toString()]
  }
  expect(show(output('a\r\nb\rc\n'))).toEqual(['stdout', 'a\r\nb\rc\n'])
  expect(show(output('oops\n', {stream: 'stderr'}))).toEqual(['stderr', 'oops\n'])
  expect(show(output('end\n', {unterminated: true}))).toEqual(['stdout', 'end'])
  expect(show(output('part…[+5 bytes]\n', {raw: Buffer.from('part')}))).toEqual(['stdout', 'part'])
  for (const event of [state, request, platformLine('web.1', 'x', time)]) expect(show(event)[1]).toBe('')
})

test('raw on a terminal: the beginning of a line comes at once, the rest when it is there', () => {
  expect(
    render([output('Name', {partial: true}), output('Name: ', {partial: true}), output('Name: x\ny\n'), output('z\n')], {
      format: 'raw',
      isTerminal: true,
    }),
  ).toBe('Name: x\ny\nz\n')
})
