import {closeSync, openSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {type Descriptors, launchAttached} from '../../../src/engines/dyno/launch-attached.ts'
import {type ByteSink, PassedOutput} from '../../../src/engines/dyno/passed-output.ts'
import {platformLimits} from '../../../src/model/limits.ts'
import {marked, type Rig, test} from '../../support/dynos.ts'

class Sink implements ByteSink {
  readonly chunks: Buffer[] = []
  isCongested = false
  #wake = () => {}

  write(chunk: Buffer): void {
    this.chunks.push(chunk)
  }

  whenClear(): Promise<void> {
    return new Promise(resolve => (this.#wake = resolve))
  }

  clear(): void {
    this.isCongested = false
    this.#wake()
  }

  get bytes(): Buffer {
    return Buffer.concat(this.chunks)
  }
}

type Wishes = Partial<Pick<Descriptors, 'stdout' | 'stderr'>> & {readonly sink?: Sink; readonly stdin?: string; readonly isShared?: boolean}

/** A dyno on the descriptors of files in the rig's folder. */
async function run(rig: Rig, command: string | readonly string[], {stdin = '', sink = new Sink(), isShared, ...wishes}: Wishes = {}) {
  const path = (name: string) => join(rig.folder, name)
  writeFileSync(path('in'), stdin)
  const files = {stdin: openSync(path('in'), 'r'), stdout: openSync(path('out'), 'w'), stderr: openSync(path('err'), 'w')}
  const dyno = await rig.run(command, {
    launch: launchAttached({...files, ...wishes}),
    readOutput: (streams, processes) => new PassedOutput(Object.values(streams), {sink, ...(isShared && {processes})}),
    limits: {drainMs: 400},
  })
  for (const descriptor of Object.values(files)) closeSync(descriptor)
  return {dyno, sink, read: (name: 'out' | 'err') => readFileSync(path(name), 'utf8')}
}

describe('a dyno on the descriptors of its caller', () => {
  test('reads and writes them itself', async ({openRig}) => {
    const {dyno, read} = await run(await openRig(), 'cat; echo oops >&2; exit 3', {stdin: 'hello\n'})
    expect(await dyno.ended).toMatchObject({exitCode: 3})
    expect([read('out'), read('err')]).toEqual(['hello\n', 'oops\n'])
  })

  test('is piped where that is wished, byte by byte', async ({openRig}) => {
    const bytes = Buffer.from(Array.from({length: 100_000}, (_, index) => (index * 7) % 256))
    const rig = await openRig()
    writeFileSync(join(rig.folder, 'bytes'), bytes)
    const {dyno, sink, read} = await run(rig, 'cat bytes; echo oops >&2; printf rest', {stdout: 'piped'})
    await dyno.ended
    expect(sink.bytes.equals(Buffer.concat([bytes, Buffer.from('rest')]))).toBe(true)
    expect([read('out'), read('err')]).toEqual(['', 'oops\n'])
  })

  test('keeps the order of two streams that are one', async ({openRig}) => {
    const {dyno, sink} = await run(await openRig(), 'for n in 1 2 3 4 5; do echo out $n; echo err $n >&2; done', {
      stdout: 'piped',
      stderr: 'piped',
    })
    await dyno.ended
    expect(sink.bytes.toString()).toBe([1, 2, 3, 4, 5].map(n => `out ${n}\nerr ${n}\n`).join(''))
  })

  test('waits for a slow reader, with little in memory', async ({openRig}) => {
    const sink = new Sink()
    sink.isCongested = true
    const {dyno} = await run(await openRig(), 'head -c 5000000 /dev/zero; echo end >&2', {stdout: 'piped', sink})
    await expect.poll(() => sink.bytes.length).toBeGreaterThan(0)
    // The end of the dyno waits too, longer than the time in which it must be drained.
    let hasEnded = false
    void dyno.ended.then(() => {
      hasEnded = true
    })
    await new Promise(resolve => setTimeout(resolve, 600))
    expect([hasEnded, sink.bytes.length < 1_000_000]).toEqual([false, true])
    sink.clear()
    await dyno.ended
    expect(sink.bytes.length).toBe(5_000_000)
  })

  test('gives those who outlive its first process their time to write, then ends them', async ({openRig}) => {
    const rig = await openRig()
    const {dyno, read} = await run(rig, `(sleep 0.1; echo late) & (sleep 60; : ${rig.token}) & echo early`, {isShared: true})
    expect(await dyno.ended).toMatchObject({exitCode: 0, leftovers: expect.any(Number)})
    expect(read('out')).toBe('early\nlate\n')
    expect(marked(rig.token)).toEqual([])
  })

  test('a process that writes to nobody any more is told by the system', async ({openRig}) => {
    const sink = new Sink()
    let output: PassedOutput | undefined
    const dyno = await (await openRig()).run(['yes'], {
      launch: launchAttached({stdin: 0, stdout: 'piped', stderr: 2}),
      readOutput(streams) {
        output = new PassedOutput(Object.values(streams), {sink})
        return output
      },
    })
    await expect.poll(() => sink.bytes.length).toBeGreaterThan(0)
    output?.abandon()
    expect(await dyno.ended).toMatchObject({signal: 'SIGPIPE'})
  })

  test('the whole limits of the platform do not hold up a command that is done', async ({openRig}) => {
    const rig = await openRig()
    const begun = performance.now()
    const dyno = await rig.run(['true'], {
      launch: launchAttached({stdin: 0, stdout: 2, stderr: 2}),
      readOutput: (streams, processes) => new PassedOutput(Object.values(streams), {sink: new Sink(), processes}),
      limits: {...platformLimits(), drainMs: 30_000},
    })
    await dyno.ended
    expect(performance.now() - begun).toBeLessThan(15_000)
  })
})

test('a dyno tells those inside when it is about to end, or has ended', async ({openRig}) => {
  const rig = await openRig()
  const stopped = await rig.run('sleep 60')
  let isClosing = false
  void stopped.closing.then(() => {
    isClosing = true
  })
  await new Promise(resolve => setImmediate(resolve))
  expect(isClosing).toBe(false)
  stopped.leaveTo(Promise.resolve())
  await stopped.closing
  const ended = await rig.run('true')
  await ended.closing
})
