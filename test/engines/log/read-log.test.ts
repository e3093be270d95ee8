import {appendFileSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {readLog} from '../../../src/engines/log/read-log.ts'
import {eventsOf, renderRecords} from '../../../src/engines/log/record.ts'
import {type PlatformEvent, platformLine} from '../../../src/model/event.ts'
import {test} from '../../support/temp-folder.ts'

const time = 1_764_000_000_000

function write(folder: string, segment: number, events: readonly PlatformEvent[]) {
  mkdirSync(folder, {recursive: true})
  const file = join(folder, `${String(segment).padStart(8, '0')}.log`)
  for (const event of events) appendFileSync(file, renderRecords(event).join(''), 'latin1')
}

function output(dyno: string, lines: string, at = time): PlatformEvent {
  return {type: 'output', time: at, source: 'app', dyno, stream: 'stdout', lines: Buffer.from(lines)}
}

const numbers = (from: number, to: number) => Array.from({length: to - from}, (_, index) => String(from + index))

async function texts(folder: string, query: Parameters<typeof readLog>[1]) {
  return (await readLog(folder, query)).records.map(({text}) => text.toString())
}

test('a log that is not there is empty', async ({folder}) => {
  expect(await readLog(join(folder, 'none'))).toEqual({records: [], end: {segment: 0, offset: 0}})
})

test('the newest lines come from the end, oldest first, across files and read blocks', async ({folder}) => {
  const long = 'x'.repeat(100)
  for (const segment of [1, 2, 3]) {
    write(folder, segment, [output('web.1', `${numbers(segment * 10_000, segment * 10_000 + 6_000).join(` ${long}\n`)} ${long}\n`)])
  }
  for (const num of [0, 1, 100, 6_000, 6_001, 13_000, 18_000, 50_000]) {
    const expected = [1, 2, 3].flatMap(segment => numbers(segment * 10_000, segment * 10_000 + 6_000)).slice(num === 0 ? 99_999 : -num)
    expect((await texts(folder, {num})).map(text => text.split(' ')[0])).toEqual(expected)
  }
})

test('lines longer than a read block are whole', async ({folder}) => {
  const long = 'é'.repeat(400_000)
  write(folder, 1, [output('web.1', `first\n${long}\nlast\n`)])
  expect(await texts(folder, {})).toEqual(['first', long, 'last'])
})

test('filters hold together: dyno, type, source, since, grep', async ({folder}) => {
  write(folder, 1, [
    output('web.1', 'web one\n', time),
    output('web.2', 'web two\n', time + 1_000),
    output('webby.1', 'webby\n', time + 2_000),
    output('worker.1', 'worker one\n', time + 3_000),
    platformLine('web.1', 'State changed from starting to up', time + 4_000),
    platformLine('router', 'at=info path="/one"', time + 5_000),
  ])
  expect(await texts(folder, {dyno: 'web.1'})).toEqual(['web one', 'State changed from starting to up'])
  expect(await texts(folder, {type: 'web'})).toEqual(['web one', 'web two', 'State changed from starting to up'])
  expect(await texts(folder, {source: 'heroku'})).toEqual(['State changed from starting to up', 'at=info path="/one"'])
  expect(await texts(folder, {since: time + 3_000, source: 'app'})).toEqual(['worker one'])
  expect(await texts(folder, {grep: /\bone\b/, num: 2})).toEqual(['worker one', 'at=info path="/one"'])
  expect(await texts(folder, {type: 'web', source: 'app', grep: /two/})).toEqual(['web two'])
})

test('the text is searched, not what the log puts before it', async ({folder}) => {
  write(folder, 1, [output('web.1', 'hello\n')])
  expect(await texts(folder, {grep: /web|1764/})).toEqual([])
})

test('the last line of a file that has no end yet is left out, and so is what is none of ours', async ({folder}) => {
  write(folder, 1, [output('web.1', 'whole\n')])
  appendFileSync(join(folder, '00000001.log'), 'rubbish\n\n\u0000\u0001\n1764000000000000 ao web.1 half')
  writeFileSync(join(folder, 'notes.txt'), 'hello')
  expect(await texts(folder, {})).toEqual(['whole'])
})

test('events come back as they went in', async ({folder}) => {
  const events: PlatformEvent[] = [
    {...output('web.1', 'a\n\nb é\r\n', time + 0.123)} as PlatformEvent,
    {type: 'output', time: time + 1, source: 'app', dyno: 'web.1', stream: 'stderr', lines: Buffer.from('oops\n')},
    platformLine('web.1', 'Stopping all processes with SIGTERM', time + 2),
    {type: 'state', time: time + 3, dyno: 'web.1', from: 'up', to: 'crashed', reason: 'exit', exitCode: 3},
    {type: 'ready', time: time + 4, url: 'http://localhost:5006', app: 'hello', pid: 7},
    {type: 'stopped', time: time + 5, exitCode: 0, left: 0},
  ]
  write(folder, 1, events)
  const {records} = await readLog(folder)
  expect(eventsOf(records)).toEqual(events)
})

test('a request comes back from its router line', async ({folder}) => {
  const line =
    'at=info method=GET path="/é" host=a request_id=r fwd="::1" dyno=web.1 connect=1ms service=2ms status=200 bytes=13 protocol=http'
  const fields = {method: 'GET', path: '/é', host: 'a', requestId: 'r', fwd: '::1', dyno: 'web.1', protocol: 'http'}
  const request: PlatformEvent = {type: 'request', time, ...fields, connectMs: 1, serviceMs: 2, status: 200, bytes: 13, line}
  write(folder, 1, [request])
  expect(eventsOf((await readLog(folder)).records)).toEqual([request])
})

test('an event that the disk damaged is shown as a line', async ({folder}) => {
  write(folder, 1, [{type: 'stopped', time, exitCode: 0, left: 0}])
  appendFileSync(join(folder, '00000001.log'), '1764000000000000 hj api {"type":"sto\n')
  expect(eventsOf((await readLog(folder)).records)[1]).toMatchObject({
    type: 'output',
    source: 'heroku',
    lines: Buffer.from('{"type":"sto\n'),
  })
})
