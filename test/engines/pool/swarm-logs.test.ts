import {Readable} from 'node:stream'
import {expect, test} from 'vitest'
import {LogCursor, readContainerLog, type SwarmLogLine} from '../../../src/engines/pool/swarm/swarm-logs.ts'

function frame(channel: number, text: string): Buffer {
  const body = Buffer.from(text)
  const head = Buffer.alloc(8)
  head[0] = channel
  head.writeUInt32BE(body.length, 4)
  return Buffer.concat([head, body])
}

async function read(bytes: Buffer, step = bytes.length): Promise<readonly SwarmLogLine[]> {
  const chunks = [...Array(Math.ceil(bytes.length / step)).keys()].map(index => bytes.subarray(index * step, (index + 1) * step))
  return await Readable.from(readContainerLog(Readable.from(chunks), {id: 'c1', dyno: 'web.1'})).toArray()
}

test('lines of both streams with their dyno and time, however the bytes come', async () => {
  const bytes = Buffer.concat([frame(1, `2026-11-25T04:54:13.151253094Z hello  world\r\n`), frame(2, `2026-11-25T04:54:14.5Z \n`)])
  const lines = await read(bytes)
  expect(lines.map(({dyno, stream, text, source}) => [dyno, stream, text, source])).toEqual([
    ['web.1', 'stdout', 'hello  world', 'app'],
    ['web.1', 'stderr', '', 'app'],
  ])
  expect(lines[0]?.time).toBeCloseTo(Date.parse('2026-11-25T04:54:13.151Z') + 0.253, 3)
  for (const step of [1, 7, 50]) expect(await read(bytes, step)).toEqual(lines)
})

test('what the boot script says is the platform’s', async () => {
  const [line] = await read(frame(1, `2026-11-25T04:54:13Z \u001eheroku Error R15 (Memory quota vastly exceeded)\n`))
  expect(line).toMatchObject({source: 'heroku', text: 'Error R15 (Memory quota vastly exceeded)'})
})

test('a long line comes in parts, and is one', async () => {
  const part = (text: string) => frame(1, `2026-11-25T04:54:13Z ${text}`)
  expect((await read(Buffer.concat([part('a'.repeat(16_384)), part('bc\n'), part('no end')]))).map(line => line.text)).toEqual([
    `${'a'.repeat(16_384)}bc`,
    'no end',
  ])
})

test('a stretch that is read again brings only what is new, also at the very same time', () => {
  const line = (stamp: string, text: string, more: Partial<SwarmLogLine> = {}): SwarmLogLine => ({
    time: 0,
    source: 'app',
    dyno: 'web.1',
    stream: 'stdout',
    container: 't',
    stamp,
    text,
    ...more,
  })
  const cursor = new LogCursor()
  const take = (...lines: readonly SwarmLogLine[]) => {
    cursor.rewind('t')
    return lines.filter(each => cursor.isNew(each)).map(each => each.text)
  }
  expect(take(line('1', 'a'), line('2', 'b'), line('2', 'c'))).toEqual(['a', 'b', 'c'])
  expect(take(line('2', 'b'), line('2', 'c'), line('2', 'd'), line('3', 'e'))).toEqual(['d', 'e'])
  expect(take(line('2', 'b'), line('3', 'e'))).toEqual([])
  expect(take(line('2', 'err', {stream: 'stderr'}), line('1', 'other', {container: 'u'}))).toEqual(['err', 'other'])
})
