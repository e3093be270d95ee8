import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {describe, expect} from 'vitest'
import type {Gate, OutputEvent} from '../../../src/model/event.ts'
import {platformLimits} from '../../../src/model/limits.ts'
import {marked, readers, test} from '../../support/dynos.ts'

describe('what a dyno gets', () => {
  test('exactly its environment and one variable more', async ({openRig}) => {
    const rig = await openRig()
    // `env` itself, without a shell that adds its own.
    const dyno = await rig.run(['env'], {env: {A: '1', 'B.C': 'two words', EMPTY: ''}})
    await dyno.ended
    const variables = rig.output().split('\n').slice(0, -1).sort()
    expect(variables).toEqual([
      'A=1',
      'B.C=two words',
      'EMPTY=',
      expect.stringMatching(/^HOMEPORT_DYNO_ID=[0-9a-f]{9}-0000$/),
      `PATH=${process.env['PATH']}`,
    ])
  })

  test('its command through the shell, untouched', async ({openRig}) => {
    const rig = await openRig()
    const dyno = await rig.run(`A=1 sh -c 'echo "$A $B"' && echo "a  b" | tr a-z A-Z; cd / && pwd`, {env: {B: '$x "y"'}})
    expect(await dyno.ended).toMatchObject({exitCode: 0})
    expect(rig.output()).toBe('1 $x "y"\nA  B\n/\n')
  })

  test('an argv as it stands', async ({openRig}) => {
    const rig = await openRig()
    await (await rig.run(['printf', '[%s]', 'a  b', '$HOME', '', '*'])).ended
    expect(rig.output()).toBe('[a  b][$HOME][][*]')
  })

  test('a process group and session of its own', async ({openRig}) => {
    const rig = await openRig()
    const dyno = await rig.run('ps -o pgid=,sess= -p $$')
    await dyno.ended
    expect(rig.output().trim().split(/\s+/).map(Number)).toEqual([dyno.pid, dyno.pid])
  })

  test('a stdin that stays open and delivers nothing', async ({openRig}) => {
    const rig = await openRig()
    const dyno = await rig.run(
      '(timeout 0.3 cat; echo "cat $?"); (timeout 0.3 cat /dev/stdin; echo "stdin $?"); test -p /dev/stdin && echo pipe',
    )
    await dyno.ended
    expect(rig.output()).toBe('cat 124\nstdin 124\npipe\n')
  })

  test('no ~/.bashrc before its command, as a bash with a socket for its stdin would run', async ({openRig, folder}) => {
    writeFileSync(`${folder}/.bashrc`, 'echo from bashrc')
    for (const pipes of ['fifos', 'sockets'] as const) {
      const rig = await openRig(undefined, 1, pipes)
      await (await rig.run('echo from command', {env: {HOME: folder}})).ended
      expect(rig.output()).toBe('from command\n')
    }
  })

  test('/dev/null to read, for the dynos of a slug', async ({openRig}) => {
    const rig = await openRig()
    await (await rig.run('cat; readlink /proc/self/fd/0', {stdin: 'null'})).ended
    expect(rig.output()).toBe('/dev/null\n')
  })

  test('real pipes: whoever inherits them may open /dev/stdout and /dev/stderr', async ({openRig}) => {
    const rig = await openRig()
    const dyno = await rig.run(
      'echo out > /dev/stdout; echo err > /dev/stderr; sh -c "echo deep >> /proc/self/fd/1"; test -p /dev/stdout && echo pipe',
    )
    expect(await dyno.ended).toMatchObject({exitCode: 0})
    expect([rig.output(), rig.output('stderr')]).toEqual(['out\ndeep\npipe\n', 'err\n'])
  })

  test.runIf(process.getuid?.() === 0)('pipes that another user may open too, as dynos with a user of their own do', async ({openRig}) => {
    const rig = await openRig()
    const dyno = await rig.run([
      'setpriv',
      '--reuid=12345',
      '--regid=12345',
      '--clear-groups',
      'sh',
      '-c',
      'id -u > /dev/stdout; echo err > /dev/stderr',
    ])
    expect(await dyno.ended).toMatchObject({exitCode: 0})
    expect([rig.output(), rig.output('stderr')]).toEqual(['12345\n', 'err\n'])
  })

  test('pipes also when more dynos start than were foreseen', async ({openRig}) => {
    const rig = await openRig(undefined, 1)
    const dynos = await Promise.all(Array.from({length: 30}, (_, index) => rig.run(`echo ${index} > /dev/stdout`, {name: `web.${index}`})))
    await Promise.all(dynos.map(({ended}) => ended))
    expect(dynos.map((_, index) => rig.output('stdout', `web.${index}`))).toEqual(dynos.map((_, index) => `${index}\n`))
  })
})

describe('without FIFOs', () => {
  test('sockets serve: output, an end, a stdin that stays open', async ({openRig}) => {
    const rig = await openRig(undefined, 1, 'sockets')
    const dyno = await rig.run('echo out; printf err >&2; timeout 0.2 cat; echo "cat $?"')
    expect(await dyno.ended).toMatchObject({exitCode: 0})
    expect([rig.output(), rig.output('stderr')]).toEqual(['out\ncat 124\n', 'err'])
  })
})

describe('output', () => {
  test('both streams, told apart, in whole lines, the last one without newline too', async ({openRig}) => {
    const rig = await openRig()
    await (await rig.run('printf "a\\nb\\n\\nlast"; printf "x\\r\\nend" >&2')).ended
    expect([rig.output(), rig.output('stderr')]).toEqual(['a\nb\n\nlast', 'x\r\nend'])
    const last = rig.events.filter((event): event is OutputEvent => event.type === 'output' && event.unterminated === true)
    expect(last.map(({lines}) => lines.toString()).sort()).toEqual(['end\n', 'last\n'])
  })

  test('an unfinished line is offered, and follows whole', async ({openRig}) => {
    const rig = await openRig()
    const dyno = await rig.run('printf "Password: "; sleep 0.4; printf "more"; sleep 0.4; echo " end"')
    await dyno.ended
    const partial = rig.events.filter((event): event is OutputEvent => event.type === 'output' && event.partial === true)
    expect(partial.map(({lines}) => lines.toString())).toEqual(['Password: ', 'Password: more'])
    expect(rig.output()).toBe('Password: more end\n')
  })

  test('a busy stream offers no line that is just being written', async ({openRig}) => {
    const rig = await openRig()
    await (await rig.run('i=0; while [ $i -lt 400 ]; do printf "%s" one; echo " two"; i=$((i+1)); done')).ended
    expect(rig.events.filter(event => event.type === 'output' && event.partial === true)).toEqual([])
  })

  test('an immediate exit loses nothing', async ({openRig, folder}) => {
    const rig = await openRig()
    const lines = Array.from({length: 100_000}, (_, index) => `${index} ${'x'.repeat(80)}\n`).join('')
    writeFileSync(`${folder}/lines`, lines)
    await (await rig.run('cat lines; cat lines >&2; exit 3')).ended
    expect([rig.output() === lines, rig.output('stderr') === lines]).toEqual([true, true])
  })

  test('what a killed dyno had written is read to the end', async ({openRig}) => {
    const rig = await openRig()
    const dyno = await rig.run('seq 10000; kill -9 $$')
    expect(await dyno.ended).toMatchObject({signal: 'SIGKILL'})
    expect(rig.output()).toBe(`${Array.from({length: 10_000}, (_, index) => index + 1).join('\n')}\n`)
  })

  test('a line of 200 KB comes in parts, and its bytes as they were', async ({openRig}) => {
    const rig = await openRig()
    await (await rig.run('head -c 200000 /dev/zero | tr "\\0" x; echo')).ended
    const events = rig.events.filter((event): event is OutputEvent => event.type === 'output' && event.partial !== true)
    expect(events).toHaveLength(4)
    expect(events[0]?.lines.toString().endsWith('x…[+65536 bytes, goes on]\n')).toBe(true)
    expect(rig.output()).toBe(`${'x'.repeat(200_000)}\n`)
  })

  test('a line of 300 MB without an end costs no memory', async ({openRig}) => {
    const rig = await openRig()
    let [bytes, largest] = [0, 0]
    const dyno = await rig.run('head -c 300000000 /dev/zero', {
      emit: event => {
        if (event.type !== 'output' || event.partial === true) return
        bytes += (event.raw ?? event.lines).length
        largest = Math.max(largest, event.lines.length)
      },
    })
    const before = process.memoryUsage.rss()
    await dyno.ended
    expect(bytes).toBe(300_000_000)
    expect(largest).toBeLessThan(70_000)
    expect(process.memoryUsage.rss() - before).toBeLessThan(150 * 2 ** 20)
  })
})

/** A reader that is congested after every so many bytes, until somebody clears it. */
class SlowReader implements Gate {
  isCongested = false
  #clear: () => void = () => undefined
  #cleared = Promise.resolve()

  congest(): void {
    if (this.isCongested) return
    this.isCongested = true
    this.#cleared = new Promise(resolve => {
      this.#clear = resolve
    })
  }

  clear(): void {
    this.isCongested = false
    this.#clear()
  }

  whenClear(): Promise<void> {
    return this.#cleared
  }
}

describe('a slow reader', () => {
  test('slows the dyno down, which goes on when the reader does', async ({openRig, folder}) => {
    const rig = await openRig(undefined, 2)
    const gate = new SlowReader()
    gate.congest()
    const work = 'for i in $(seq 100); do head -c 100000 /dev/zero; echo $i > $DONE; done'
    const slow = await rig.run(work, {gate, name: 'slow.1', env: {DONE: 'slow'}})
    const quick = await rig.run(work, {name: 'quick.1', env: {DONE: 'quick'}})
    await quick.ended
    // In the time in which one was done, the other filled its pipe, and no more.
    expect(Number(readFileSync(`${folder}/quick`, 'utf8'))).toBe(100)
    expect(existsSync(`${folder}/slow`) ? Number(readFileSync(`${folder}/slow`, 'utf8')) : 0).toBeLessThan(5)
    expect(rig.output('stdout', 'slow.1').length).toBeLessThan(300_000)
    gate.clear()
    await slow.ended
    expect(rig.output('stdout', 'slow.1').length).toBe(10_000_000)
  })

  test('four dynos of 250,000 lines each arrive byte for byte, whenever the gate closes and opens', {timeout: 120_000}, async ({
    openRig,
    folder,
  }) => {
    const rig = await openRig(undefined, 4)
    const lines = Array.from({length: 250_000}, (_, index) => `${String(index).padStart(9, '0')} ${'x'.repeat(89)}\n`).join('')
    writeFileSync(`${folder}/lines`, lines)
    const gate = new SlowReader()
    let bytes = 0
    const emit: typeof rig.emit = event => {
      rig.emit(event)
      if (event.type === 'output') bytes += event.lines.length
      if (bytes > 3_000_000) {
        bytes = 0
        gate.congest()
        setTimeout(() => gate.clear(), 5)
      }
    }
    const names = ['a.1', 'b.1', 'c.1', 'd.1']
    const dynos = await Promise.all(names.map(name => rig.run('cat lines', {name, gate, emit})))
    for (const dyno of dynos) expect(await dyno.ended).toMatchObject({exitCode: 0})
    for (const name of names) expect(rig.output('stdout', name) === lines).toBe(true)
  })

  test('the time that the reader takes does not count against a dyno that has ended', async ({openRig}) => {
    const rig = await openRig()
    const gate = new SlowReader()
    let blocks = 0
    const dyno = await rig.run('head -c 60000 /dev/zero | tr "\\0" "\\n"; head -c 60000 /dev/zero | tr "\\0" "\\n" >&2; echo last >&2', {
      gate,
      limits: platformLimits(0.01),
      emit: event => {
        rig.emit(event)
        blocks++
        gate.congest()
        setTimeout(() => gate.clear(), 100)
      },
    })
    await dyno.ended
    expect(blocks).toBeGreaterThan(1)
    expect([rig.output().length, rig.output('stderr').length]).toEqual([60_000, 60_005])
  })
})

test('what is started in a dyno’s environment belongs to it', async ({openRig}) => {
  const rig = await openRig()
  const dyno = await rig.run('echo ready; sleep 0.5')
  await expect.poll(() => rig.output()).toBe('ready\n')
  const guest = spawn('sh', ['-c', `sleep 300; : ${rig.token}`], {env: dyno.environment, detached: true, stdio: 'ignore'})
  await once(guest, 'spawn')
  expect((await dyno.processes()).map(({pid}) => pid)).toContain(guest.pid)
  expect((await dyno.ended).leftovers).toBeGreaterThan(0)
  expect(marked(rig.token)).toEqual([])
})

describe('how it ended', () => {
  test.for([
    ['exit 0', {exitCode: 0}],
    ['exit 7', {exitCode: 7}],
    ['kill -SEGV $$', {signal: 'SIGSEGV'}],
    ['homeport-no-such-command', {exitCode: 127}],
    ['/etc/passwd', {exitCode: 126}],
  ] as const)('`%s`: %o', async ([command, end], {openRig}) => {
    const rig = await openRig()
    expect(await (await rig.run(command)).ended).toMatchObject(end)
  })

  test.for([
    ['homeport-no-such-command', 127, 'homeport-no-such-command: command not found'],
    ['./none', 127, './none: No such file or directory'],
    ['/etc/passwd', 126, '/etc/passwd: Permission denied'],
  ] as const)('an argv that begins with %s ends with %d, and says why', async ([file, exitCode, text], {openRig}) => {
    const rig = await openRig()
    const dyno = await rig.run([file, 'x'])
    expect(await dyno.ended).toEqual({exitCode, livedMs: 0, lastLines: [text]})
    expect(rig.output('stderr')).toBe(`${text}\n`)
  })

  test('a dyno that the system cannot start has an error and no exit code', async ({openRig}) => {
    const rig = await openRig()
    const end = await (await rig.run('true', {env: {LARGE: 'x'.repeat(200_000)}})).ended
    expect(end).toMatchObject({error: expect.objectContaining({code: 'E2BIG'}), livedMs: 0, lastLines: []})
    expect(end.exitCode).toBeUndefined()
  })

  test('its last fifty lines of both streams, and how long it lived', async ({openRig}) => {
    const rig = await openRig()
    const end = await (await rig.run('seq 200; sleep 0.2; echo oops >&2; exit 1')).ended
    expect(end.lastLines).toEqual([...Array.from({length: 49}, (_, index) => String(152 + index)), 'oops'])
    expect(end.livedMs).toBeGreaterThan(150)
  })
})

describe.for(readers)('a dyno ends as a whole, seen by %s', reader => {
  const limits = platformLimits(0.1)

  test.for([
    ['in the background', `sh -c 'sleep 300; : TOKEN' &`],
    ['that ignores signals', `(trap "" TERM HUP INT; sh -c 'sleep 300; : TOKEN') &`],
    ['in a session of its own', `setsid sh -c 'sleep 300; : TOKEN' &`],
    ['forked twice', `(setsid sh -c 'sleep 300; : TOKEN' &)`],
    ['forked twice, all descriptors closed', `(setsid sh -c 'exec <&- >&- 2>&-; sleep 300; : TOKEN' &)`],
    ['without its environment, in the same group', `env -i PATH="$PATH" sh -c 'sleep 300; : TOKEN' &`],
  ])('nobody is left: a process %s', async ([, command], {openRig}) => {
    const rig = await openRig(reader)
    const dyno = await rig.run(
      `${command?.replaceAll('TOKEN', rig.token)}\nwhile ! ps -A -o args= | grep -v grep | grep -q '^sh -c.*${rig.token}'; do sleep 0.05; done; echo seen; exit 5`,
      {limits},
    )
    const end = await dyno.ended
    expect(rig.output()).toBe('seen\n')
    expect(end).toMatchObject({exitCode: 5})
    expect(end.leftovers).toBeGreaterThan(0)
    expect(marked(rig.token)).toEqual([])
  })

  test('what the others write before the limit is not lost', async ({openRig}) => {
    const rig = await openRig(reader)
    const dyno = await rig.run(`(sleep 0.1; echo late; sleep 300) & echo now`, {limits: platformLimits(0.3)})
    await dyno.ended
    expect(rig.output()).toBe('now\nlate\n')
  })

  test('a pipeline that still works on the last lines may finish', async ({openRig}) => {
    const rig = await openRig(reader)
    const end = await (await rig.run('exec > >(sleep 0.3; cat); echo through')).ended
    expect(rig.output()).toBe('through\n')
    expect(end.leftovers).toBeUndefined()
  })
})

describe.runIf(readers.includes('proc'))('on Linux', () => {
  test('a daemon is found that washed off its environment and left its family', async ({openRig, skip}) => {
    const rig = await openRig()
    skip(rig.session.prlimit === undefined, 'there is no prlimit here')
    const daemon = `env -i PATH="$PATH" setsid sh -c 'exec <&- >&- 2>&-; sleep 300; : ${rig.token}'`
    const dyno = await rig.run(`(${daemon} &); while ! ps -A -o args= | grep -v grep | grep -q '^sh -c.*${rig.token}'; do sleep 0.05; done`)
    expect((await dyno.ended).leftovers).toBeGreaterThan(0)
    expect(marked(rig.token)).toEqual([])
  })
})
