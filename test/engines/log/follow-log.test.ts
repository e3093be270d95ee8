import {appendFileSync, existsSync, readdirSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {followLog} from '../../../src/engines/log/follow-log.ts'
import {type LogPosition, logStart, parsePosition, renderPosition} from '../../../src/engines/log/log-position.ts'
import {type LogLimits, LogStore} from '../../../src/engines/log/log-store.ts'
import {readLog} from '../../../src/engines/log/read-log.ts'
import {test} from '../../support/temp-folder.ts'

function openStore(folder: string, limits: Partial<LogLimits> = {}) {
  return new LogStore(folder, {app: {name: 'hello', root: '/hello'}, warn: () => {}, limits})
}

function put(store: LogStore, text: string, dyno = 'web.1') {
  store.append({type: 'output', time: Date.now(), source: 'app', dyno, stream: 'stdout', lines: Buffer.from(text)})
}

function follow(folder: string, {from = logStart, dyno}: {from?: LogPosition; dyno?: string} = {}) {
  const controller = new AbortController()
  const texts: string[] = []
  const ends: LogPosition[] = []
  const done = (async () => {
    for await (const {records, end} of followLog(folder, {from, signal: controller.signal, dyno})) {
      texts.push(...records.map(({text}) => text.toString()))
      ends.push(end)
    }
  })()
  return {
    texts,
    ends,
    async stop() {
      controller.abort()
      await done
    },
  }
}

test('goes on where reading ended, without a gap or a line twice, while lines come', async ({folder}) => {
  const store = openStore(folder)
  let sent = 0
  const timer = setInterval(() => put(store, `${sent++}\n`), 1)
  await expect.poll(() => sent).toBeGreaterThan(20)
  await store.flush()
  const {records, end} = await readLog(folder)
  const following = follow(folder, {from: end})
  await expect.poll(() => following.texts.length).toBeGreaterThan(50)
  clearInterval(timer)
  await store.close()
  await following.stop()
  const seen = [...records.map(({text}) => text.toString()), ...following.texts]
  expect(seen).toEqual(Array.from({length: sent}, (_, number) => String(number)))
})

test('follows across many rotations', async ({folder}) => {
  const store = openStore(folder, {segmentBytes: 2_000, segments: 1_000})
  const following = follow(folder)
  for (let number = 0; number < 500; number++) {
    put(store, `${number} ${'x'.repeat(100)}\n`)
    if (number % 7 === 0) await store.flush()
  }
  await store.close()
  await following.stop()
  expect(readdirSync(folder).length).toBeGreaterThan(20)
  expect(following.texts.map(text => Number(text.split(' ')[0]))).toEqual(Array.from({length: 500}, (_, number) => number))
})

test('waits for a log that does not exist yet', async ({folder}) => {
  const log = join(folder, 'later')
  const following = follow(log)
  const store = openStore(log)
  expect(existsSync(log)).toBe(false)
  put(store, 'first\n')
  await expect.poll(() => following.texts).toEqual(['first'])
  await store.close()
  await following.stop()
})

test('a line that was only half written when the log was read is told when it is whole', async ({folder}) => {
  writeFileSync(join(folder, '00000001.log'), '1764000000000000 ao web.1 whole\n1764000000000001 ao web.1 ha')
  const {records, end} = await readLog(folder)
  expect(records.map(({text}) => text.toString())).toEqual(['whole'])
  const following = follow(folder, {from: end})
  appendFileSync(join(folder, '00000001.log'), 'lf\n')
  await expect.poll(() => following.texts).toEqual(['half'])
  await following.stop()
})

test('one that is too slow is told that lines are missing', async ({folder}) => {
  const store = openStore(folder, {segmentBytes: 1_000, segments: 100, minLines: 1})
  put(store, 'read\n')
  await store.flush()
  const {end} = await readLog(folder)
  for (let number = 0; number < 50; number++) {
    put(store, `${number} ${'x'.repeat(100)}\n`)
    await store.flush()
  }
  await store.close()
  for (const name of readdirSync(folder)
    .filter(file => file.endsWith('.log'))
    .sort()
    .slice(0, 2))
    rmSync(join(folder, name))
  const following = follow(folder, {from: end})
  await following.stop()
  expect(following.texts[0]).toMatch(/^Error L11 \(Tail buffer overflow\) -> This tail session dropped messages before \S+\+00:00$/)
  expect(following.texts.at(-1)).toMatch(/^49 /)
})

test('filters, and each part says where it ended', async ({folder}) => {
  const store = openStore(folder)
  put(store, 'a\n', 'web.1')
  put(store, 'b\n', 'worker.1')
  put(store, 'c\n', 'web.1')
  await store.close()
  const following = follow(folder, {dyno: 'web.1'})
  await following.stop()
  expect(following.texts).toEqual(['a', 'c'])
  const again = follow(folder, {from: following.ends.at(-1) ?? logStart})
  await again.stop()
  expect(again.texts).toEqual([])
})

test('a position can be written down and read back', () => {
  expect(parsePosition(renderPosition({segment: 12, offset: 3_456}))).toEqual({segment: 12, offset: 3_456})
  for (const text of ['', '1', 'x:1', '1:-1', '1:2:3']) expect(parsePosition(text)).toBeUndefined()
})
