import {execFileSync} from 'node:child_process'
import {readFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {hasTool} from '../../scripts/test-tools.ts'
import {marked, test} from '../support/started.ts'

const app = {Procfile: 'web: sleep 60\n', '.env': 'GREETING=hello\n'}

/** The process that runs `homeport run` for a dyno of this app, found by its guardian's parent. */
function homeportOf(mark: string): number {
  const [dyno = 0] = marked('MARK', mark).filter(pid => /DYNO=run\./.test(readFileSync(`/proc/${pid}/environ`, 'latin1')))
  return Number(/^PPid:\s*(\d+)$/m.exec(readFileSync(`/proc/${dyno}/status`, 'latin1'))?.[1])
}

describe('at a terminal the command has one of its own', () => {
  test('with its size, its type and both streams; --no-tty does without', async ({homeports}) => {
    const shell = await homeports.shell(homeports.app(app))
    shell.type('tty; "$HP" run \'tty; stty size; echo $TERM $GREETING; test -t 2 && echo "stderr too"\'\r')
    const seen = await shell.sees(/\r\n30 100\r\nxterm hello\r\nstderr too\r\n/)
    const [outer, inner] = [...seen.matchAll(/\/dev\/pts\/\d+/g)].map(([name]) => name)
    expect(inner).toMatch(/^\/dev\/pts\/\d+$/)
    expect(inner).not.toBe(outer)
    expect(await shell.isBack()).toBe(0)
    shell.type('"$HP" run --no-tty \'tty; test -t 1; echo "is $?"; exit 4\'\r')
    await shell.sees(`${outer}\r\nis 0\r\n`)
    expect(await shell.isBack()).toBe(4)
  })

  test('a shell has job control: Ctrl-C and Ctrl-Z are for what runs in it', async ({homeports}) => {
    const shell = await homeports.shell(homeports.app(app))
    shell.type(`"$HP" run --env-var 'PS1=INNER$ ' bash --norc\r`)
    await shell.sees('\nINNER$ ')
    shell.type('sleep 100\r')
    await shell.sees('sleep 100\r\n')
    await expect.poll(() => sleepers('100').length).toBe(1)
    shell.type('\x03')
    await shell.sees(/\^C[\s\S]*INNER\$ /)
    shell.type('sleep 101\r')
    await expect.poll(() => sleepers('101').length).toBe(1)
    shell.type('\x1a')
    await shell.sees(/Stopped[\s\S]*INNER\$ /)
    shell.type('fg\r')
    await shell.sees('sleep 101\r\n')
    shell.type('\x03')
    await shell.sees(/\^C[\s\S]*INNER\$ /)
    shell.type('echo "was $?"\r')
    await shell.sees('was 130\r\n')
    shell.type('exit 5\r')
    expect(await shell.isBack()).toBe(5)
  })

  test('the size of the window is followed', async ({homeports}) => {
    const shell = await homeports.shell(homeports.app(app))
    shell.type(`"$HP" run 'trap "stty size; exit 0" WINCH; echo ready; while :; do sleep 0.05; done'\r`)
    await shell.sees('\nready')
    shell.resize(61, 19)
    await shell.sees('19 61')
    expect(await shell.isBack()).toBe(0)
  })

  test('Ctrl-C ends a plain command as a shell would tell it', async ({homeports}) => {
    const shell = await homeports.shell(homeports.app(app))
    shell.type(`"$HP" run 'echo ready; exec sleep 60'\r`)
    await shell.sees('\nready')
    shell.type('\x03')
    expect(await shell.isBack()).toBe(130)
  })

  test.for([
    ['N', 'exit 9', 9],
    ['a signal', 'kill -KILL $$', 137],
    ['SIGSEGV', 'kill -SEGV $$', 139],
    ['no such command', 'nope-no-such-cmd', 127],
  ] as const)('the exit code is that of the command: %s', async ([, command, code], {homeports}) => {
    const shell = await homeports.shell(homeports.app(app))
    shell.type(`"$HP" run '${command}'\r`)
    expect(await shell.isBack()).toBe(code)
  })

  test('no such program and no right to it are told without one', async ({homeports}) => {
    const shell = await homeports.shell(homeports.app(app))
    shell.type('"$HP" run nope-no-such-cmd x\r')
    await shell.sees('\nnope-no-such-cmd: command not found\r\n')
    expect(await shell.isBack()).toBe(127)
    shell.type('"$HP" run ./Procfile x\r')
    await shell.sees('\n./Procfile: Permission denied\r\n')
    expect(await shell.isBack()).toBe(126)
  })

  test('nothing of a long output is lost, up to the last line', async ({homeports}) => {
    const shell = await homeports.shell(homeports.app(app))
    shell.type('"$HP" run \'seq 1 100000; exit 3\' > all.txt; "$HP" run \'seq 1 30000; exit 3\'\r')
    const seen = await shell.sees('29999\r\n30000\r\n')
    const numbers = seen.slice(seen.indexOf('\n1\r\n') + 1).split('\r\n')
    expect(numbers.slice(0, -1)).toEqual(Array.from({length: 30_000}, (_, index) => `${index + 1}`))
    expect(await shell.isBack()).toBe(3)
  })

  test('much that is pasted arrives whole', async ({homeports}) => {
    const root = homeports.app(app)
    const shell = await homeports.shell(root)
    shell.type(`"$HP" run 'stty raw -echo; echo ready; sleep 0.5; head -c 200000 > pasted'\r`)
    await shell.sees('\nready')
    shell.type('0123456789'.repeat(20_000))
    expect(await shell.isBack()).toBe(0)
    expect(readFileSync(join(root, 'pasted'), 'utf8')).toBe('0123456789'.repeat(20_000))
  })

  test('newlines of a program that draws the screen mean down, and not left', async ({homeports}) => {
    const shell = await homeports.shell(homeports.app(app))
    shell.type(`"$HP" run 'stty raw; printf "ab\\ncd\\r\\n"'\r`)
    await shell.sees('ab\ncd\r\n')
    expect(await shell.isBack()).toBe(0)
  })

  test.runIf(hasTool('vim'))('vim works', async ({homeports}) => {
    const root = homeports.app(app)
    const shell = await homeports.shell(root)
    shell.type('"$HP" run vim -u NONE -N text.txt\r')
    await shell.sees('\x1b[?1049h')
    shell.type('ihello from vim\x1b:wq\r')
    expect(await shell.isBack()).toBe(0)
    expect(readFileSync(join(root, 'text.txt'), 'utf8')).toBe('hello from vim\n')
  })

  test('what it leaves in the background ends with it, and does not hold it up', async ({homeports}) => {
    const shell = await homeports.shell(homeports.app(app))
    shell.type(`MARK=left-tty "$HP" run 'trap "" HUP; setsid sleep 300 & sleep 300 & echo hi'\r`)
    await shell.sees('\nhi\r\n')
    expect(await shell.isBack()).toBe(0)
    expect(marked('MARK', 'left-tty')).toEqual([])
  })

  test.runIf(hasTool('bwrap'))('in a sandbox too', async ({homeports}) => {
    const shell = await homeports.shell(homeports.app(app))
    shell.type(`"$HP" run --isolation sandbox --env-var 'PS1=INNER$ ' bash --norc\r`)
    await shell.sees('\nINNER$ ')
    shell.type('id -un; stty size; sleep 100\r')
    await shell.sees('dyno\r\n30 100\r\n')
    await expect.poll(() => sleepers('100').length).toBe(1)
    shell.type('\x03')
    await shell.sees(/\^C[\s\S]*INNER\$ /)
    shell.type('kill -9 $$\r')
    expect(await shell.isBack()).toBe(137)
  })
})

describe('the terminal of the user is as before', () => {
  const mess = 'tput smcup; tput civis; printf "\\033[?1000h"; stty raw -echo; echo messy; exec sleep 60'
  const tidied = /\x1b\[\?1000l[\s\S]*\x1b\[\?1049l/

  test('when the command is killed', async ({homeports}) => {
    const shell = await homeports.shell(homeports.app(app))
    shell.type(`MARK=mess-killed "$HP" run '${mess}'\r`)
    await shell.sees('\x1b[?1000hmessy')
    for (const pid of sleepers('60', 'mess-killed')) process.kill(pid, 'SIGKILL')
    await shell.sees(tidied)
    expect(await shell.isBack()).toBe(137)
  })

  test.for([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('when %s ends homeport', async ([signal, code], {homeports}) => {
    const shell = await homeports.shell(homeports.app(app))
    shell.type(`MARK=mess-${signal} "$HP" run '${mess}'\r`)
    await shell.sees('\x1b[?1000hmessy')
    process.kill(homeportOf(`mess-${signal}`), signal)
    await shell.sees(tidied)
    expect(await shell.isBack()).toBe(code)
    expect(marked('MARK', `mess-${signal}`)).toEqual([])
  })

  test('when a shell at its prompt is ended with homeport, at once', async ({homeports}) => {
    const shell = await homeports.shell(homeports.app(app))
    shell.type(`MARK=prompt HOMEPORT_TIME_SCALE=100 "$HP" run --env-var 'PS1=INNER$ ' bash --norc\r`)
    await shell.sees('\nINNER$ ')
    process.kill(homeportOf('prompt'), 'SIGTERM')
    expect(await shell.isBack()).toBe(143)
  })

  test('when it cannot start', async ({homeports}) => {
    const shell = await homeports.shell(homeports.app(app))
    shell.type('"$HP" run -e nope.env true; "$HP" run --isolation sandbox --root /proc true\r')
    await shell.sees('nope.env')
    await shell.isBack()
  })

  test('while homeport is stopped, and it goes on where it was', async ({homeports}) => {
    const shell = await homeports.shell(homeports.app(app))
    shell.type(`MARK=stopped "$HP" run --env-var 'PS1=INNER$ ' bash --norc\r`)
    await shell.sees('\nINNER$ ')
    process.kill(homeportOf('stopped'), 'SIGTSTP')
    await shell.sees(/Stopped[\s\S]*OUTER\$ /)
    shell.type('stty -g | cmp - modes-before && echo "modes are"" the same"\r')
    await shell.sees('modes are the same')
    shell.resize(55, 15)
    shell.type('fg\r')
    await shell.sees('HP')
    shell.type('stty size\r')
    await shell.sees('15 55')
    shell.type('exit 6\r')
    expect(await shell.isBack()).toBe(6)
  })

  test('when it is started in the background it waits to be in front', async ({homeports}) => {
    const shell = await homeports.shell(homeports.app(app))
    shell.type(`"$HP" run 'read -r word; echo "got $word"' &\r`)
    // A shell tells of its jobs before its next prompt.
    await expect
      .poll(
        () => {
          shell.type('\r')
          return shell.shown
        },
        {timeout: 15_000, interval: 300},
      )
      .toMatch(/\[1\]\+? {1,2}Stopped/)
    shell.type('fg\r')
    shell.type('hello\r')
    await shell.sees('got hello\r\n')
    expect(await shell.isBack()).toBe(0)
  })

  test('when the terminal is closed nothing of the command is left', async ({homeports}) => {
    const shell = await homeports.shell(homeports.app(app))
    shell.type(`MARK=closed "$HP" run 'echo ready; exec sleep 300'\r`)
    await shell.sees('\nready')
    await shell[Symbol.asyncDispose]()
    await expect.poll(() => marked('MARK', 'closed'), {timeout: 10_000}).toEqual([])
  })

  test('after kill -9 of homeport nothing of the command is left', async ({homeports}) => {
    const shell = await homeports.shell(homeports.app(app))
    shell.type(`MARK=killed-tty "$HP" run 'trap "" HUP; echo ready; exec sleep 300'\r`)
    await shell.sees('\nready')
    process.kill(homeportOf('killed-tty'), 'SIGKILL')
    await expect.poll(() => marked('MARK', 'killed-tty'), {timeout: 10_000}).toEqual([])
  })
})

describe('with only one side at a terminal the command has none, and the keys still mean it', () => {
  test('Ctrl-C', async ({homeports}) => {
    const shell = await homeports.shell(homeports.app(app))
    shell.type(`"$HP" run 'echo ready >&2; exec sleep 60' > out\r`)
    await shell.sees('\nready')
    shell.type('\x03')
    expect(await shell.isBack()).toBe(130)
  })

  test('Ctrl-Z stops it with homeport, and fg lets both go on', async ({homeports}) => {
    const root = homeports.app(app)
    const shell = await homeports.shell(root)
    shell.type(`MARK=together "$HP" run 'echo ready >&2; cat' > out\r`)
    await shell.sees('\nready')
    shell.type('\x1a')
    await shell.sees(/Stopped[\s\S]*OUTER\$ /)
    const states = () => execFileSync('ps', ['-o', 'stat=', '-p', marked('MARK', 'together').join()], {encoding: 'utf8'})
    expect(states()).not.toMatch(/^[^T]/m)
    shell.type('fg\r')
    await expect.poll(states).not.toMatch(/^T/m)
    shell.type('words\r\x04')
    expect(await shell.isBack()).toBe(0)
    expect(readFileSync(join(root, 'out'), 'utf8')).toBe('words\n')
  })

  test('input from a pipe, output to the terminal', async ({homeports}) => {
    const shell = await homeports.shell(homeports.app(app))
    shell.type(`echo word | "$HP" run 'cat; test -t 1 && echo "out is a terminal"'\r`)
    await shell.sees('\nword\r\nout is a terminal\r\n')
    expect(await shell.isBack()).toBe(0)
  })
})

/** Processes `sleep SECONDS`, of those with a mark. */
function sleepers(seconds: string, mark?: string): readonly number[] {
  const lines = execFileSync('ps', ['-A', '-o', 'pid=,args='], {encoding: 'utf8'}).split('\n')
  const pids = lines.flatMap(line => (/^\s*\d+ (.*)/.exec(line)?.[1] === `sleep ${seconds}` ? [Number.parseInt(line, 10)] : []))
  return mark === undefined ? pids : pids.filter(pid => marked('MARK', mark).includes(pid))
}
