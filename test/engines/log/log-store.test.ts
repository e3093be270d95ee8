import {existsSync, readdirSync, rmSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {findLoggedApps, logFolder} from '../../../src/engines/log/log-folder.ts'
import {LogStore, type LogStoreOptions} from '../../../src/engines/log/log-store.ts'
import {readLog} from '../../../src/engines/log/read-log.ts'
import type {OutputEvent} from '../../../src/model/event.ts'
import {canMount, mountSmallDisk} from '../../support/small-disk.ts'
import {test as base} from '../../support/temp-folder.ts'

const test = base.extend('disk', async ({folder}, {onCleanup}) => {
  const disk = mountSmallDisk(join(folder, 'disk'), 200_000)
  onCleanup(disk.unmount)
  return disk
})

const app = {name: 'hello', root: '/src/hello'}

function openStore(folder: string, {limits}: Pick<LogStoreOptions, 'limits'> = {}) {
  const warnings: string[] = []
  return {warnings, store: new LogStore(folder, {app, warn: warning => warnings.push(warning), ...(limits === undefined ? {} : {limits})})}
}

function output(lines: string, more: Partial<OutputEvent> = {}): OutputEvent {
  return {type: 'output', time: Date.now(), source: 'app', dyno: 'web.1', stream: 'stdout', lines: Buffer.from(lines), ...more}
}

async function texts(folder: string): Promise<string[]> {
  return (await readLog(folder)).records.map(({text}) => text.toString())
}

const numbered = (from: number, to: number, text = '') => {
  let lines = ''
  for (let number = from; number < to; number++) lines += `${number} ${text}\n`
  return lines
}

test('keeps every line with its bytes, and none of a line that is not finished', async ({folder}) => {
  const {store, warnings} = openStore(join(folder, 'log'))
  store.append(output('one\n\ntwo é\r\n'))
  store.append(output('Password:', {partial: true}))
  store.append(output('half a line\n', {unterminated: true, stream: 'stderr'}))
  await store.close()
  expect(await texts(join(folder, 'log'))).toEqual(['one', '', 'two é\r', 'half a line'])
  expect(warnings).toEqual([])
})

test('is private, and says whose log it is', async ({folder}) => {
  const log = logFolder(folder, app)
  const {store} = openStore(log)
  store.append(output('x\n'))
  await store.close()
  expect(statSync(log).mode & 0o777).toBe(0o700)
  for (const name of readdirSync(log)) expect(statSync(join(log, name)).mode & 0o777).toBe(0o600)
  expect(await findLoggedApps(folder, 'hello')).toEqual([app])
  expect(await findLoggedApps(folder, 'hell')).toEqual([])
})

test('makes no folder until there is a line', async ({folder}) => {
  const {store} = openStore(join(folder, 'log'))
  await store.close()
  expect(existsSync(join(folder, 'log'))).toBe(false)
})

test('goes on in the newest file after a restart, unless that ends in half a line', async ({folder}) => {
  const log = join(folder, 'log')
  for (const text of ['first\n', 'second\n']) {
    const {store} = openStore(log)
    store.append(output(text))
    await store.close()
  }
  expect(readdirSync(log).filter(name => name.endsWith('.log'))).toEqual(['00000001.log'])
  writeFileSync(join(log, '00000001.log'), '1764000000000000 ao web.1 torn', {flag: 'a'})
  const {store} = openStore(log)
  store.append(output('third\n'))
  await store.close()
  expect(readdirSync(log).filter(name => name.endsWith('.log'))).toEqual(['00000001.log', '00000002.log'])
  expect(await texts(log)).toEqual(['first', 'second', 'third'])
})

test('size and number of files are bounded, and the newest lines stay', async ({folder}) => {
  const log = join(folder, 'log')
  const {store} = openStore(log, {limits: {segmentBytes: 10_000, segments: 3, minLines: 10}})
  for (let number = 0; number < 5_000; number += 50) {
    store.append(output(numbered(number, number + 50)))
    await store.flush()
  }
  await store.close()
  const files = readdirSync(log).filter(name => name.endsWith('.log'))
  expect(files).toHaveLength(3)
  for (const file of files) expect(statSync(join(log, file)).size).toBeLessThanOrEqual(10_000)
  const kept = await texts(log)
  expect(kept.length).toBeGreaterThan(500)
  expect(kept).toEqual(
    numbered(5_000 - kept.length, 5_000)
      .split('\n')
      .slice(0, -1),
  )
})

test('some more files are kept when lines are so long that fewer would hold too few of them', async ({folder}) => {
  const log = join(folder, 'log')
  const {store} = openStore(log, {limits: {segmentBytes: 10_000, segments: 3, minLines: 30}})
  for (let number = 0; number < 100; number++) {
    store.append(output(numbered(number, number + 1, 'x'.repeat(3_000))))
    await store.flush()
  }
  await store.close()
  const kept = await texts(log)
  expect(kept.length).toBeGreaterThanOrEqual(30)
  expect(readdirSync(log).length).toBeLessThan(16)
  expect(kept.at(-1)).toMatch(/^99 /)
})

test('two processes may write into one log: no line is torn or lost', async ({folder}) => {
  const log = join(folder, 'log')
  const limits = {segmentBytes: 20_000, segments: 100}
  const stores = [openStore(log, {limits}).store, openStore(log, {limits}).store]
  for (let number = 0; number < 200; number++) {
    for (const [index, store] of stores.entries()) store.append(output(`${number}\n`.repeat(10), {dyno: `web.${index + 1}`}))
    await Promise.all(stores.map(store => store.flush()))
  }
  await Promise.all(stores.map(store => store.close()))
  const {records} = await readLog(log)
  for (const dyno of ['web.1', 'web.2']) {
    const seen = records.filter(record => record.dyno === dyno).map(({text}) => Number(text.toString()))
    expect(seen).toHaveLength(2_000)
    expect(seen).toEqual(seen.toSorted((a, b) => a - b))
  }
})

test('a log that somebody deletes while it is written begins anew', async ({folder}) => {
  const log = join(folder, 'log')
  const {store} = openStore(log)
  store.append(output('gone\n'))
  await store.flush()
  rmSync(log, {recursive: true})
  await expect
    .poll(async () => {
      store.append(output('back\n'))
      await store.flush()
      return (await texts(log)).at(-1)
    })
    .toBe('back')
  await store.close()
})

test('what comes faster than the disk takes it is dropped in one gap, counted and told', async ({folder}) => {
  const {store, warnings} = openStore(join(folder, 'log'), {limits: {bufferBytes: 100_000}})
  for (let number = 0; number < 1_000; number++) store.append(output(numbered(number * 10, number * 10 + 10, 'x'.repeat(90))))
  expect(store.waitingBytes).toBeLessThan(110_000)
  await store.flush()
  store.append(output('after\n'))
  await store.close()
  const kept = await texts(join(folder, 'log'))
  const told = kept.filter(text => text.startsWith('Error L10'))
  expect(told).toHaveLength(1)
  const dropped = Number(/^Error L10 \(output buffer overflow\): (\d+) messages dropped since \S+\+00:00\.$/.exec(told[0] ?? '')?.[1])
  expect(dropped + kept.length - 2).toBe(10_000)
  expect(kept.at(-1)).toBe('after')
  expect(warnings).toEqual([])
})

test('a folder that cannot be made is one warning, and everything goes on', async ({folder}) => {
  writeFileSync(join(folder, 'file'), '')
  const {store, warnings} = openStore(join(folder, 'file', 'log'), {limits: {retryMs: 0}})
  for (let number = 0; number < 20; number++) {
    store.append(output('lost\n'))
    await store.flush()
  }
  await store.close()
  expect(warnings).toHaveLength(1)
  expect(warnings[0]).toContain('ENOTDIR')
})

if (canMount) {
  test('a full disk costs lines, one warning and an L10 line, and the log goes on when there is room again', async ({disk}) => {
    const ballast = join(disk.path, 'ballast')
    writeFileSync(ballast, Buffer.alloc(100_000))
    const log = join(disk.path, 'log')
    const {store, warnings} = openStore(log, {limits: {retryMs: 0}})
    let sent = 0
    const send = async () => {
      store.append(output(numbered(sent, sent + 100, 'x'.repeat(90))))
      sent += 100
      await store.flush()
    }
    while (warnings.length === 0) await send()
    for (let more = 0; more < 10; more++) await send()
    expect(warnings).toHaveLength(1)
    expect(warnings[0]).toContain('ENOSPC')
    rmSync(ballast)
    await expect
      .poll(async () => {
        await send()
        return (await texts(log)).filter(text => text.startsWith('Error L10')).length
      })
      .toBe(1)
    await store.close()
    const kept = await texts(log)
    const dropped = Number(/: (\d+) messages/.exec(kept.find(text => text.startsWith('Error L10')) ?? '')?.[1])
    expect(dropped + kept.length - 1).toBe(sent)
    for (const text of kept) expect(text).toMatch(/^(\d+ x{90}|Error L10 .*)$/)
    // What was written of a line that did not fit is taken away again: so the one file goes on.
    expect(readdirSync(log).toSorted()).toEqual(['00000001.log', 'app.json'])
    expect(warnings).toHaveLength(1)
  })

  test('a read-only disk is one warning', async ({disk}) => {
    disk.makeReadOnly()
    const {store, warnings} = openStore(join(disk.path, 'log'), {limits: {retryMs: 0}})
    for (let number = 0; number < 10; number++) {
      store.append(output('lost\n'))
      await store.flush()
    }
    await store.close()
    expect(warnings).toEqual([expect.stringContaining('EROFS')])
  })
}
