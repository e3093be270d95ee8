import {describe, expect} from 'vitest'
import {DynoTerminal} from '../../../src/engines/dyno/dyno-terminal.ts'
import {launchInPty} from '../../../src/engines/dyno/launch-pty.ts'
import {killDynos, stopDynos} from '../../../src/engines/dyno/stop-dynos.ts'
import {loadPty} from '../../../src/lib/pty.ts'
import {marked, openGate, type Rig, type RunOptions, readers, test} from '../../support/dynos.ts'

/** A dyno of `start --tty`, with the terminal that others may join. */
async function runInTerminal(rig: Rig, command: string, options: RunOptions = {}) {
  const terminal = new DynoTerminal('web.1', {columns: 91, rows: 17})
  const launch = launchInPty({
    load: async () => loadPty([]),
    size: () => terminal.size,
    onStart: started => ({stdout: terminal.begin(started)}),
  })
  const dyno = await rig.run(command, {launch, ...options})
  return {dyno, terminal}
}

describe('a dyno with a terminal', () => {
  test('writes its lines to the log, as text', async ({openRig}) => {
    const rig = await openRig()
    const {dyno} = await runInTerminal(rig, 'stty size; printf "\\033[?2004h\\033[31mred\\033[m\\a\\n"; echo oops >&2')
    expect(await dyno.ended).toMatchObject({exitCode: 0, lastLines: ['17 91', '\x1b[31mred\x1b[m', 'oops']})
    expect(rig.output().replaceAll('\r', '')).toBe('17 91\n\x1b[31mred\x1b[m\noops\n')
    expect(rig.output('stderr')).toBe('')
  })

  test.for([
    ['exit 7', {exitCode: 7}],
    ['kill -KILL $$', {signal: 'SIGKILL'}],
  ] as const)('ends by %j as with pipes', async ([command, end], {openRig}) => {
    const {dyno} = await runInTerminal(await openRig(), command)
    expect(await dyno.ended).toMatchObject(end)
  })

  test('loses no line at its end, when the log is slow', async ({openRig}) => {
    let isCongested = false
    const gate = {
      get isCongested() {
        return isCongested
      },
      async whenClear() {
        await new Promise(resolve => setTimeout(resolve, 300))
        isCongested = false
      },
    }
    const rig = await openRig()
    const emit = rig.emit
    let blocks = 0
    const {dyno} = await runInTerminal(rig, 'seq 1 20000', {
      gate,
      emit(event) {
        isCongested = ++blocks < 3
        emit(event)
      },
    })
    await dyno.ended
    expect(rig.output().replaceAll('\r', '')).toBe(Array.from({length: 20_000}, (_, index) => `${index + 1}\n`).join(''))
  })

  test.for(readers)('is found and stopped with all that came of it (%s)', async (reader, {openRig}) => {
    const rig = await openRig(reader)
    const {token} = rig
    const tree = `trap "" HUP; setsid sh -c 'while :; do sleep 0.1; done' ${token} & (sh -c 'while :; do sleep 0.1; done' ${token} &) ; echo up; wait`
    const {dyno} = await runInTerminal(rig, tree)
    await expect.poll(() => rig.output()).toContain('up')
    await expect.poll(() => marked(token).length, {timeout: 10_000}).toBeGreaterThanOrEqual(3)
    await stopDynos([dyno], {scanner: rig.session.scanner, emit: rig.emit, graceMs: 5_000})
    await dyno.ended
    expect(marked(token)).toEqual([])
  })

  test('is killed like any other', async ({openRig}) => {
    const rig = await openRig()
    const {dyno} = await runInTerminal(rig, `trap '' TERM HUP; echo up; while :; do sleep 0.1; done; : ${rig.token}`)
    await expect.poll(() => rig.output()).toContain('up')
    await killDynos([dyno], rig.session.scanner)
    expect(await dyno.ended).toMatchObject({signal: 'SIGKILL'})
  })

  test('a missing program is 127, and no terminal is made', async ({openRig}) => {
    const {dyno} = await runInTerminal(await openRig(), 'true')
    await dyno.ended
    const rig = await openRig()
    const launch = () => Promise.reject(new Error('launched'))
    const missing = await rig.run(['nope-no-such-cmd', 'x'], {launch})
    expect(await missing.ended).toMatchObject({exitCode: 127})
    expect(rig.output('stderr')).toContain('nope-no-such-cmd')
  })
})

describe('who has joined', () => {
  const join = (terminal: DynoTerminal, size = {columns: 91, rows: 17}) => {
    let shown = ''
    const seat = terminal.join({size, show: bytes => (shown += bytes)})
    return {...seat, shown: () => shown, seat}
  }

  test('sees what was shown last and what comes, and types', async ({openRig}) => {
    const rig = await openRig()
    const {dyno, terminal} = await runInTerminal(rig, 'echo early; read -r word; echo "got $word"; read -r rest')
    await expect.poll(() => rig.output()).toContain('early')
    const one = join(terminal)
    const other = join(terminal)
    expect(one.shown()).toBe('early\r\n')
    one.type(Buffer.from('hello\r'))
    await expect.poll(other.shown).toContain('got hello\r\n')
    one.leave()
    other.type(Buffer.of(3))
    expect(await dyno.ended).toMatchObject({signal: 'SIGINT'})
    await expect.poll(other.shown).toContain('[web.1 was ended by SIGINT]')
    expect(one.shown()).not.toContain('was ended')
  })

  test('sets the size: whoever came or changed last', async ({openRig}) => {
    const rig = await openRig()
    const {terminal} = await runInTerminal(rig, 'trap "stty size" WINCH; stty size; while :; do sleep 0.05; done')
    await expect.poll(() => rig.output()).toContain('17 91')
    const one = join(terminal, {columns: 60, rows: 20})
    await expect.poll(one.shown).toContain('20 60')
    join(terminal, {columns: 50, rows: 10})
    await expect.poll(one.shown).toContain('10 50')
    one.resize({columns: 70, rows: 30})
    await expect.poll(one.shown).toContain('30 70')
    expect(terminal.size).toEqual({columns: 70, rows: 30})
  })

  test('stays through a restart of the dyno', async ({openRig}) => {
    const rig = await openRig()
    const {dyno, terminal} = await runInTerminal(rig, 'printf "\\033[?1049h"; read -r word; exit 3')
    const client = join(terminal)
    await expect.poll(client.shown).toContain('\x1b[?1049h')
    client.type(Buffer.from('x\r'))
    await dyno.ended
    // The second screen, which the dead process left on, is left for it.
    await expect.poll(client.shown).toMatch(/\x1b\[\?1049l\r\n\[web\.1 exited with status 3\]\r\n$/)
    const launch = launchInPty({
      load: async () => loadPty([]),
      size: () => terminal.size,
      onStart: started => ({stdout: terminal.begin(started)}),
    })
    const next = await rig.run('read -r word; echo "again $word"', {launch, gate: openGate})
    client.type(Buffer.from('y\r'))
    await next.ended
    expect(client.shown()).toContain('again y')
  })

  test('gets a bounded part of what was shown, in the state of the screen before it, and no questions', async ({openRig}) => {
    const rig = await openRig()
    const {dyno, terminal} = await runInTerminal(rig, 'printf "\\033[?25l"; seq 1 40000; printf "\\033[6n\\033[31mend"; sleep 60')
    await expect.poll(() => rig.output()).toContain('40000')
    await expect.poll(() => join(terminal).shown()).toContain('\x1b[31mend')
    const {shown} = join(terminal)
    expect(shown().startsWith('\x1b[?25l')).toBe(true)
    expect(shown()).toContain('40000\r\n')
    expect(shown()).not.toContain('\x1b[6n')
    expect(shown().length).toBeLessThan(200_000)
    await killDynos([dyno], rig.session.scanner)
  })
})
