import {expect, test} from 'vitest'
import {TerminalView} from '../../src/cli/output/terminal-view.ts'
import type {OutputEvent, PlatformEvent} from '../../src/model/event.ts'

const render = (event: PlatformEvent) => (event.type === 'output' ? Buffer.from(`${event.dyno}| ${event.lines}`) : Buffer.alloc(0))
const output = (dyno: string, text: string, partial = false): OutputEvent => ({
  type: 'output',
  time: 0,
  source: 'app',
  dyno,
  stream: 'stdout',
  lines: Buffer.from(text),
  partial,
})

/** What stands on a terminal after these events: rows, the last one being where the cursor is. */
function screen(events: readonly PlatformEvent[], columns = 80): string[] {
  const view = new TerminalView({render, columns: () => columns})
  const rows = ['']
  for (const text of events
    .map(event => view.show(event).toString())
    .join('')
    .split(/(\r\u001b\[2K|\n)/)) {
    if (text === '\n') rows.push('')
    else if (text.startsWith('\r')) rows[rows.length - 1] = ''
    else rows[rows.length - 1] += text
  }
  return rows
}

test('a prompt is shown, and stays below what others print', () => {
  const events = [output('web.1', 'ready\n'), output('ask.1', 'name? ', true), output('web.1', 'GET /\n')]
  expect(screen(events)).toEqual(['web.1| ready', 'web.1| GET /', 'ask.1| name? '])
})

test('a line that grows is redrawn, and printed once when it is whole', () => {
  const events = [output('a.1', 'one', true), output('a.1', 'one two', true), output('a.1', 'one two three\n')]
  expect(screen(events)).toEqual(['a.1| one two three', ''])
})

test('the unfinished line never wraps', () => {
  expect(screen([output('a.1', 'x'.repeat(200), true), output('b.1', 'y\n')], 20)).toEqual(['b.1| y', `a.1| ${'x'.repeat(14)}`])
})

test('the unfinished line of another dyno takes its place, until that one is whole', () => {
  expect(screen([output('a.1', 'a?', true), output('b.1', 'b?', true), output('b.1', 'b? yes\n')])).toEqual(['b.1| b? yes', 'a.1| a?'])
})
