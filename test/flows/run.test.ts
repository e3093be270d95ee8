import {type ChildProcess, execFileSync, spawnSync} from 'node:child_process'
import {once} from 'node:events'
import {readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {text} from 'node:stream/consumers'
import {describe, expect} from 'vitest'
import {hasTool} from '../../scripts/test-tools.ts'
import {program} from '../support/homeport.ts'
import {marked, test} from '../support/started.ts'

const Procfile = 'web: sleep 60\nworker: echo worker $GREETING\nrelease: echo released by $DYNO\n'
const app = {Procfile, '.env': 'GREETING="hello world"\nPORT=1\n'}

async function codeOf(child: ChildProcess): Promise<number | string | null> {
  const [code, signal] = await once(child, 'close')
  return code ?? signal
}

describe('the exit code is that of the command', () => {
  test.for([
    ['0', ['true', 'x'], 0, ''],
    ['N', ['sh', '-c', 'exit 42'], 42, ''],
    ['N of a shell line', ['exit 7'], 7, ''],
    ['128 + S', ['sh', '-c', 'kill -TERM $$'], 143, ''],
    ['128 + S of SIGKILL', ['kill -KILL $$'], 137, ''],
    ['127 when there is none', ['nope-no-such-cmd', 'x'], 127, 'nope-no-such-cmd: command not found\n'],
    ['127 when there is none in a shell line', ['nope-no-such-cmd'], 127, 'bash: line 1: nope-no-such-cmd: command not found\n'],
    ['127 of a path', ['./no-such-file', 'x'], 127, './no-such-file: No such file or directory\n'],
    ['126 when it may not be executed', ['./Procfile', 'x'], 126, './Procfile: Permission denied\n'],
    ['126 of a folder', ['/tmp', 'x'], 126, '/tmp: Permission denied\n'],
  ] as const)('%s', async ([, words, code, stderr], {homeports}) => {
    const root = homeports.app(app)
    const result = await homeports.run(['run', '--', ...words], root)
    expect({code: result.code, stderr: result.stderr.replace('bash: nope', 'bash: line 1: nope')}).toEqual({code, stderr})
  })
})

describe('what runs', () => {
  test.for([
    ['one argument is a shell command line', ['echo "$GREETING" | tr a-z A-Z && echo $0'], 'HELLO WORLD\nbash\n'],
    ['several are an exact argv', ['printf', '[%s]', '$GREETING', 'a  b', '', '*', "'"], "[$GREETING][a  b][][*][']"],
    ['a type is its command', ['worker'], 'worker hello world\n'],
    ['with arguments appended', ['worker', '--fast', "it's", '$HOME'], "worker hello world --fast it's $HOME\n"],
    ['release is a type as well', ['release'], /^released by run\.\d{4}\n$/],
    ['flags behind the command belong to it', ['echo', '--json', '-e', 'x', '--help'], '--json -e x --help\n'],
    ['a second -- too', ['echo', '--', 'x'], '-- x\n'],
  ] as const)('%s', async ([, words, stdout], {homeports}) => {
    const root = homeports.app(app)
    for (const separator of [[], ['--']]) {
      const result = await homeports.run(['run', ...separator, ...words], root)
      expect({...result, stdout: ''}).toEqual({code: 0, signal: null, stdout: '', stderr: ''})
      expect(result.stdout).toMatch(stdout instanceof RegExp ? stdout : new RegExp(`^${escaped(stdout)}$`))
    }
  })

  test('its environment is that of the app, in the app’s folder', async ({homeports}) => {
    const root = homeports.app({...app, 'other.env': 'GREETING=other\n'})
    const {stdout} = await homeports.run(['run', '-x', '-e', '.env,other.env', '--env-var', 'EXTRA=a,b=c', 'env; pwd'], root, {
      SHELL_SAYS: 'yes',
    })
    for (const line of [/^DYNO=run\.\d{4}$/m, /^PS=run\.\d{4}$/m, /^PORT=2\d{4}$/m, /^GREETING=other$/m, /^EXTRA=a,b=c$/m]) {
      expect(stdout).toMatch(line)
    }
    for (const line of [/^SHELL_SAYS=yes$/m, /^PYTHONUNBUFFERED=1$/m, new RegExp(`^${root}$`, 'm')]) expect(stdout).toMatch(line)
    expect(stdout).not.toMatch(/^HOMEPORT_HOME=|^FORCE_COLOR=/m)
  })

  test('its port is free', async ({homeports}) => {
    const server = 'require("net").createServer().listen(process.env.PORT, () => process.exit(0))'
    expect(await homeports.run(['run', 'node', '-e', server], homeports.app(app))).toMatchObject({code: 0})
  })

  test('an app is found by --root, by its name, and with the Procfile that start would take', async ({homeports}) => {
    const root = homeports.app(
      {...app, Procfile: `${Procfile}sleeper: sleep 60\n`, 'Procfile.dev': 'web: sleep 60\njob: echo dev\n'},
      'shop',
    )
    const elsewhere = homeports.app({}, 'elsewhere')
    expect((await homeports.run(['run', '--root', root, 'worker'], elsewhere)).stdout).toBe('worker hello world\n')
    expect((await homeports.run(['run', '-f', 'Procfile.dev', 'job'], root)).stdout).toBe('dev\n')
    expect((await homeports.run(['run', 'job'], root, {HOMEPORT_PROCFILE: 'Procfile.dev'})).stdout).toBe('dev\n')
    expect((await homeports.run(['run', '-a', 'shop', 'worker'], elsewhere)).code).toBe(5)
    const started = homeports.start(root, ['sleeper'])
    await started.sees('shop is ready')
    expect((await homeports.run(['run', '-a', 'shop', 'worker'], elsewhere)).stdout).toBe('worker hello world\n')
    expect((await homeports.run(['run', 'worker'], root)).stdout).toBe('worker hello world\n')
    expect(started.log()).not.toContain('worker hello')
  })

  test.runIf(hasTool('bwrap'))('it may be kept apart', async ({homeports}) => {
    const result = await homeports.run(['run', '--isolation', 'sandbox', 'id -un; echo $GREETING; exit 3'], homeports.app(app))
    expect(result).toEqual({code: 3, signal: null, stdout: 'dyno\nhello world\n', stderr: ''})
  })
})

describe('what is wrong is told before anything runs', () => {
  test.for([
    ['no command', ['run'], 2, 'needs a command'],
    ['no command behind --', ['run', '--'], 2, 'needs a command'],
    ['an unknown flag', ['run', '--nope', 'true'], 2, '--nope'],
    ['a flag of start', ['run', '--port', '1', 'true'], 2, '--port'],
    ['a variable that is none', ['run', '--env-var', 'x', 'true'], 2, '--env-var'],
    ['a size that is none', ['run', '-s', 'huge', 'true'], 2, 'huge'],
    ['an isolation that is none', ['run', '--isolation', 'strong', 'true'], 2, 'strong'],
    ['an unknown slug', ['run', '--slug', 'abcdef', 'true'], 2, 'abcdef'],
    ['a missing env file', ['run', '-e', 'nope.env', 'true'], 3, 'nope.env'],
    ['a missing Procfile', ['run', '-f', 'nope', 'true'], 3, 'nope'],
    ['a folder that is none', ['run', '--root', 'nope', 'true'], 2, 'nope'],
  ] as const)('%s', async ([, args, code, said], {homeports}) => {
    const result = await homeports.run(args, homeports.app(app))
    expect(result).toMatchObject({code, stdout: ''})
    expect(result.stderr).toContain(said)
    const json = await homeports.run([args[0], '--json', ...args.slice(1)], homeports.app(app))
    expect(JSON.parse(json.stdout)).toMatchObject({error: {exitCode: code}})
  })
})

describe('without a terminal', () => {
  test('what comes in goes in, its end too, and bytes stay what they are', async ({homeports}) => {
    const child = homeports.spawn(['run', 'cat; echo end >&2'], homeports.app(app))
    const bytes = Buffer.from(Array.from({length: 3_000_000}, (_, index) => (index * 7 + (index >> 8)) % 256))
    const chunks: Buffer[] = []
    child.stdout.on('data', chunk => chunks.push(chunk))
    const stderr = text(child.stderr)
    child.stdin.end(bytes)
    expect(await codeOf(child)).toBe(0)
    expect(Buffer.concat(chunks).equals(bytes)).toBe(true)
    expect(await stderr).toBe('end\n')
  })

  test('input that the command does not read is left for others', ({homeports}) => {
    const script = '"$HP" run true; read -r line; echo "left: $line"'
    const env = {...process.env, HP: program, HOMEPORT_HOME: homeports.home}
    expect(spawnSync('sh', ['-c', script], {cwd: homeports.app(app), env, input: 'first\n', encoding: 'utf8'}).stdout).toBe('left: first\n')
  })

  test('two streams into one pipe keep their order', ({homeports}) => {
    const lines = Array.from({length: 200}, (_, index) => `${index} out\n${index} err\n`).join('')
    const script = '"$HP" run \'for n in $(seq 0 199); do echo $n out; echo $n err >&2; done\' 2>&1 | cat'
    const env = {...process.env, HP: program, HOMEPORT_HOME: homeports.home}
    expect(spawnSync('sh', ['-c', script], {cwd: homeports.app(app), env, encoding: 'utf8'}).stdout).toBe(lines)
  })

  test.for([
    ['a command that dies of it', 'yes'],
    ['a command that does not care', "trap '' PIPE; while :; do echo x 2>/dev/null; sleep 0.01; done"],
    ['a command that would go on', 'echo x; while echo x; do :; done 2>/dev/null; sleep 60'],
  ] as const)('when nobody reads any more everything stops, with 141: %s', async ([, command], {homeports}) => {
    const child = homeports.spawn(['run', command], homeports.app(app), {MARK: 'reader-gone'})
    await once(child.stdout, 'data')
    child.stdout.destroy()
    expect(await codeOf(child)).toBe(141)
    expect(marked('MARK', 'reader-gone')).toEqual([])
  })

  test('what it wrote to a file it wrote there itself', async ({homeports}) => {
    const root = homeports.app(app)
    const script = '"$HP" run \'readlink /proc/self/fd/1; echo more > /dev/stdout; echo oops >&2\' > out 2> err'
    execFileSync('sh', ['-c', script], {cwd: root, env: {...process.env, HP: program, HOMEPORT_HOME: homeports.home}})
    expect(readFileSync(join(root, 'out'), 'utf8')).toContain('more\n')
    expect(readFileSync(join(root, 'err'), 'utf8')).toBe('oops\n')
  })

  test('a shell whose input comes from Node reads no ~/.bashrc', async ({homeports}) => {
    const root = homeports.app({...app, '.bashrc': 'echo from bashrc\n'})
    const child = homeports.spawn(['run', 'echo hi'], root, {HOME: root})
    const stdout = text(child.stdout)
    child.stdin.end()
    expect([await codeOf(child), await stdout]).toEqual([0, 'hi\n'])
  })
})

describe('an end leaves nothing', () => {
  const tree = `trap '' HUP INT; (trap '' TERM; setsid sh -c 'trap "" TERM; while :; do sleep 0.2; done' & ) ; (sleep 300 &) ; echo up; while :; do sleep 0.1; done`

  test('kill -9 of homeport', async ({homeports}) => {
    const child = homeports.spawn(['run', `trap '' TERM; ${tree}`], homeports.app(app), {MARK: 'killed-run'})
    await once(child.stdout, 'data')
    expect(marked('MARK', 'killed-run').length).toBeGreaterThanOrEqual(4)
    child.kill('SIGKILL')
    await expect.poll(() => marked('MARK', 'killed-run'), {timeout: 10_000}).toEqual([])
  })

  test.for([
    ['SIGTERM', 143],
    ['SIGHUP', 129],
  ] as const)('%s stops it in order, and is our end', async ([signal, code], {homeports}) => {
    const command = `trap 'echo bye; exit 0' TERM; echo up; while :; do sleep 0.1; done`
    const child = homeports.spawn(['run', command], homeports.app(app), {MARK: signal})
    const stdout = text(child.stdout)
    await once(child.stdout, 'data')
    child.kill(signal)
    expect(await codeOf(child)).toBe(code)
    expect(await stdout).toContain('bye\n')
    expect(marked('MARK', signal)).toEqual([])
  })

  test('who does not obey is killed at the limit; a second signal does not wait for it', async ({homeports}) => {
    const env = {MARK: 'stubborn', HOMEPORT_TIME_SCALE: '0.05'}
    const child = homeports.spawn(['run', `trap '' TERM; ${tree}`], homeports.app(app), env)
    await once(child.stdout, 'data')
    child.kill('SIGTERM')
    expect(await codeOf(child)).toBe(143)
    const other = homeports.spawn(['run', `trap '' TERM; ${tree}`], homeports.app(app), {MARK: 'stubborn', HOMEPORT_TIME_SCALE: '100'})
    await once(other.stdout, 'data')
    const insist = () => {
      other.kill('SIGTERM')
      return other.exitCode
    }
    await expect.poll(insist, {interval: 200, timeout: 10_000}).toBe(143)
    expect(marked('MARK', 'stubborn')).toEqual([])
  })

  test('what the command leaves behind ends with it', async ({homeports}) => {
    const result = await homeports.run(['run', 'setsid sleep 300 & sleep 301 & echo hi'], homeports.app(app), {MARK: 'left'})
    expect(result).toMatchObject({code: 0, stdout: 'hi\n'})
    expect(marked('MARK', 'left')).toEqual([])
  })

  test('Ctrl-C is for the command, once, and the command decides', async ({homeports}) => {
    const command = `trap 'echo caught' INT; echo up; for n in 1 2 3 4 5 6; do sleep 0.1; done; exit 5`
    const child = homeports.spawn(['run', command], homeports.app(app))
    const stdout = text(child.stdout)
    await once(child.stdout, 'data')
    // npm and the terminal both send it.
    child.kill('SIGINT')
    child.kill('SIGINT')
    expect(await codeOf(child)).toBe(5)
    expect(await stdout).toBe('up\ncaught\n')
  })

  test('other signals reach it too', async ({homeports}) => {
    const child = homeports.spawn(['run', `trap 'echo caught; exit 6' USR1; echo up; while :; do sleep 0.1; done`], homeports.app(app))
    await once(child.stdout, 'data')
    child.kill('SIGUSR1')
    expect(await codeOf(child)).toBe(6)
  })
})

describe('in the background', () => {
  test('output goes to the log, and it says how to follow it', async ({homeports}) => {
    const root = homeports.app(app, 'shop')
    const {code, stdout} = await homeports.run(['run', '-d', 'worker && cat; echo oops >&2; exit 3'], root)
    const [, dyno = '', pid] = /^(run\.\d{4}) runs `.*` of shop in the background \(pid (\d+)\)\.\n/.exec(stdout) ?? []
    expect([code, pid]).toEqual([0, expect.stringMatching(/^\d+$/)])
    expect(stdout).toContain(`homeport logs --dyno ${dyno}`)
    const log = async () => (await homeports.run(['logs', '--dyno', dyno, '--no-timestamps'], root)).stdout
    await expect.poll(log, {timeout: 10_000}).toContain('up to complete')
    expect(await log()).toBe(
      [
        `heroku[${dyno}]: State changed from created to starting`,
        `heroku[${dyno}]: Starting process with command \`echo worker $GREETING && cat; echo oops >&2; exit 3\``,
        `heroku[${dyno}]: State changed from starting to up`,
        `${dyno}  | worker hello world`,
        `${dyno}  | oops`,
        `heroku[${dyno}]: Process exited with status 3`,
        `heroku[${dyno}]: State changed from up to complete`,
        '',
      ].join('\n'),
    )
  })

  test('it outlives its caller and holds nothing of it; kill ends it', async ({homeports}) => {
    const root = homeports.app(app)
    const child = homeports.spawn(['run', '--json', '--detach', '--env-var', 'SECRET=do-not-tell', 'sleep 300'], root, {MARK: 'background'})
    // Were its streams still open somewhere, this would wait.
    const [stdout, stderr, code] = await Promise.all([text(child.stdout), text(child.stderr), codeOf(child)])
    expect([code, stderr]).toEqual([0, ''])
    const {dyno, pid} = JSON.parse(stdout)
    expect(dyno).toMatch(/^run\.\d{4}$/)
    expect(marked('MARK', 'background').length).toBeGreaterThanOrEqual(2)
    expect(execFileSync('ps', ['-o', 'args=', '-p', String(pid)], {encoding: 'utf8'})).not.toContain('do-not-tell')
    process.kill(pid, 'SIGTERM')
    await expect.poll(() => marked('MARK', 'background'), {timeout: 10_000}).toEqual([])
  })

  test('kill -9 of it leaves nothing', async ({homeports}) => {
    const {stdout} = await homeports.run(['run', '-d', '--json', 'setsid sleep 300 & sleep 300'], homeports.app(app), {
      MARK: 'background-killed',
    })
    process.kill(JSON.parse(stdout).pid, 'SIGKILL')
    await expect.poll(() => marked('MARK', 'background-killed'), {timeout: 10_000}).toEqual([])
  })

  test('what keeps it from running is told at once', async ({homeports}) => {
    const result = await homeports.run(['run', '-d', '-e', 'nope.env', 'true'], homeports.app(app))
    expect(result).toMatchObject({code: 3, stdout: ''})
    expect(result.stderr).toContain('nope.env')
  })

  test('a command that does not exist is in the log', async ({homeports}) => {
    const root = homeports.app(app)
    await homeports.run(['run', '-d', '--', 'nope-no-such-cmd', 'x'], root)
    const log = async () => (await homeports.run(['logs'], root)).stdout
    await expect.poll(log, {timeout: 10_000}).toContain('Process exited with status 127')
    expect(await log()).toContain('nope-no-such-cmd: command not found')
  })
})

test('a run whose guardian was killed with it is swept by the next', async ({homeports}) => {
  const root = homeports.app(app)
  writeFileSync(join(root, 'guardian.sh'), 'echo "$PPID"\n')
  const child = homeports.spawn(['run', 'echo up; exec sleep 300'], root, {MARK: 'both-killed'})
  await once(child.stdout, 'data')
  const guardians = execFileSync('ps', ['-o', 'pid=,args=', '--ppid', String(child.pid)], {encoding: 'utf8'})
  const guardian = Number(/(\d+) .*homeport-guardian/.exec(guardians)?.[1])
  child.kill('SIGSTOP')
  process.kill(guardian, 'SIGKILL')
  child.kill('SIGKILL')
  await once(child, 'exit')
  expect(marked('MARK', 'both-killed').length).toBe(1)
  await homeports.run(['run', 'true'], root)
  expect(marked('MARK', 'both-killed')).toEqual([])
})

function escaped(literal: string): string {
  return literal.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')
}
