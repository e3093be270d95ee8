import {once} from 'node:events'
import {chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {marked, test} from '../support/started.ts'

const get = async (port: number, path = '/', host = 'localhost') => {
  const response = await fetch(`http://localhost:${port}${path}`, {headers: {Host: host}})
  return {status: response.status, text: await response.text()}
}

/** What lies in a folder, at any depth, but for folders. */
const filesIn = (folder: string) =>
  existsSync(folder)
    ? readdirSync(folder, {recursive: true}).filter(
        name => statSync(join(folder, String(name)), {throwIfNoEntry: false})?.isDirectory() === false,
      )
    : []

describe('a folder', () => {
  test('runs: web answers behind the router, the worker runs, Ctrl-C stops in order', async ({homeports}) => {
    const started = homeports.start(homeports.app('hello', 'hello'))
    await started.sees('hello is ready')
    expect(await get(started.port())).toEqual({status: 200, text: 'Hello from web.1, release none\n'})
    await started.sees('worker is waiting for jobs')
    await started.sees(/heroku\[router\]: at=info method=GET path="\/" host=localhost/)
    expect(started.log()).not.toContain('migrate')
    started.child.kill('SIGINT')
    expect((await started.ended).code).toBe(0)
    expect(started.log()).toContain('web.1     | bye')
  })

  test('npm start stands in for a Procfile, and says so', async ({homeports}) => {
    const root = homeports.app({'package.json': '{"scripts": {"start": "echo from npm; exec sleep 60"}}'})
    const started = homeports.start(root, ['--no-router'])
    await started.sees('from npm')
    await started.sees('No Procfile: web runs `npm start`')
  })

  test('each dyno has its environment, and the others’ addresses', async ({homeports}) => {
    const root = homeports.app({
      Procfile: 'web: env; exec sleep 60\napi-v2: sleep 60\n',
      '.env': 'PORT=1\nGREETING="hello world"\nHOMEPORT_TIME_SCALE=2\n',
    })
    const started = homeports.start(root, ['--log-format', 'raw', '-p', '0'], {env: {SHELL_SAYS: 'yes'}})
    await started.sees(/^PORT=2\d{4}$/m)
    for (const line of [/^DYNO=web\.1$/m, /^PS=web\.1$/m, /^GREETING=hello world$/m, /^SHELL_SAYS=yes$/m, /^PYTHONUNBUFFERED=1$/m]) {
      await started.sees(line)
    }
    await started.sees(/^HOMEPORT_URL_API_V2=http:\/\/127\.0\.0\.1:\d+$/m)
    expect(started.stdout()).not.toMatch(/^HOMEPORT_HOME=/m)
    expect(started.stdout()).not.toMatch(/^HOMEPORT_URL_WEB=/m)
  })

  test('the command goes through the shell untouched', async ({homeports}) => {
    const root = homeports.app({Procfile: `a: X='1 2' sh -c 'echo "got $X"' && echo "port $PORT" | cat > /dev/stderr; exec sleep 60\n`})
    const started = homeports.start(root, ['--no-router'])
    await started.sees('got 1 2')
    await started.sees(/port 2\d{4}/)
  })

  test('a second start in the same folder is exit 5 and names the first', async ({homeports}) => {
    const root = homeports.app('hello')
    const first = homeports.start(root)
    await first.sees('is ready')
    const second = await homeports.run(['start'], root)
    expect(second.code).toBe(5)
    expect(second.stderr).toContain(`pid ${first.child.pid}`)
  })

  test('a name with blanks, quotes and other letters is no problem', async ({homeports}) => {
    const started = homeports.start(homeports.app('hello', `été "quoted" $(touch hacked) 'x'`))
    await started.sees(/t-quoted-touch-hacked-x is ready/)
    expect((await get(started.port())).status).toBe(200)
  })
})

describe('exit codes', () => {
  test.for([
    ['any end', 'web: exit 7\n', ['--exit-on', 'any'], 7],
    ['a failure', 'web: sleep 60\nworker: exit 9\n', ['--exit-on', 'error'], 9],
    ['a signal', 'web: kill -KILL $$\n', ['--exit-on', 'any'], 137],
    ['a missing command', 'web: nope-no-such-command\n', ['--exit-on', 'any'], 127],
    ['an end with 0 while others run', 'web: sleep 60\nworker: exit 0\n', ['--exit-on', 'any'], 0],
    ['zero is no failure, and all are done', 'a: exit 0\nb: exit 0\n', ['--exit-on', 'error'], 0],
    ['all done, the first failure counts', 'a: exit 0\nb: exit 3\nc: sleep 0.3; exit 4\n', ['--exit-on', 'all-done'], 3],
  ] as const)('%s', async ([, Procfile, args, code], {homeports}) => {
    const {ended} = homeports.start(homeports.app({Procfile}), ['--no-router', ...args])
    expect((await ended).code).toBe(code)
  })

  test.for([
    ['no Procfile', {}, ['start'], 3, 'Procfile'],
    ['only release', {Procfile: 'release: true\n'}, ['start'], 3, 'declares only `release`'],
    ['no type left', {Procfile: 'clock: true\n'}, ['start', '-x', 'clock'], 3, 'homeport start clock=1'],
    ['no type at all', {Procfile: '# nothing\n'}, ['start'], 3, 'declares no process type'],
    ['an unknown type', {Procfile: 'web: true\n'}, ['start', 'nope'], 2, 'nope'],
    ['a bad formation', {Procfile: 'web: true\n'}, ['start', '-m', 'web=x'], 2, 'web=x'],
    ['a bad port', {Procfile: 'web: true\n'}, ['start', '-p', 'abc'], 2, 'abc'],
    ['a port out of range', {Procfile: 'web: true\n'}, ['start', '-p', '70000'], 2, '70000'],
    ['a missing env file', {Procfile: 'web: true\n'}, ['start', '-e', 'nope.env'], 3, 'nope.env'],
    ['an open quote', {Procfile: 'web: true\n', '.env': 'A=1\nB="abc\n'}, ['start'], 3, '.env:2'],
    ['a PORT that is no number', {Procfile: 'web: true\n', '.env': 'PORT=abc\n'}, ['start'], 3, '.env:1'],
    ['a circle', {Procfile: 'a: true\nb: true\n'}, ['start', '--after', 'a=b,b=a'], 2, 'circle'],
    ['a folder that is none', {Procfile: 'web: true\n'}, ['start', '--root', 'nope'], 2, 'nope'],
    ['a NUL byte', {Procfile: 'web: a\0b\n'}, ['start'], 3, 'Procfile:1'],
    ['an address of nobody', {Procfile: 'web: true\n'}, ['start', '--listen', 'no.such.host.invalid'], 2, 'no.such.host.invalid'],
    ['an address of another machine', {Procfile: 'web: true\n'}, ['start', '--listen', '127.0.0.1,192.0.2.77'], 2, '192.0.2.77'],
    ['a domain that is no name', {Procfile: 'web: true\n'}, ['start', '--domain', 'http://shop.test'], 2, 'no host name'],
    ['a size of an unknown type', {Procfile: 'web: true\n'}, ['start', '-s', 'nope=eco'], 2, 'nope'],
  ] as const)('%s has no side effect', async ([, files, args, code, text], {homeports}) => {
    const result = await homeports.run(args, homeports.app(files))
    expect([result.code, result.stdout]).toEqual([code, ''])
    expect(result.stderr).toContain(text)
  })

  test.for([
    ['the shell', {}, {HOMEPORT_PORT: 'abc'}, 'HOMEPORT_PORT: '],
    ['.homeport.env', {'.homeport.env': 'HOMEPORT_PORT=abc\n'}, {}, 'HOMEPORT_PORT in .homeport.env: '],
    ['.foreman', {'.foreman': 'port: abc\n'}, {}, '.foreman: '],
  ] as const)('a port of %s that is no number is exit 2, and it is told where it stands', async ([, files, env, origin], {homeports}) => {
    const {code, stderr} = await homeports.run(['start'], homeports.app({Procfile: 'web: true\n', ...files}), env)
    expect([code, stderr]).toEqual([2, expect.stringContaining(`Error: ${origin}`)])
  })

  test('with HOMEPORT_JSON a bad value is told as JSON too', async ({homeports}) => {
    const env = {HOMEPORT_JSON: '1', HOMEPORT_PORT: 'abc'}
    const {stdout, stderr} = await homeports.run(['start'], homeports.app({Procfile: 'web: true\n'}), env)
    expect([JSON.parse(stdout).error.code, stderr]).toEqual(['FLAG_INVALID', ''])
  })

  test('the folder of HOMEPORT_ROOT is the app’s, with its .homeport.env', async ({homeports}) => {
    const root = homeports.app({Procfile: 'web: exit 5\nworker: exit 6\n', '.homeport.env': 'HOMEPORT_EXIT_ON=any\nHOMEPORT_EXCEPT=web\n'})
    expect((await homeports.run(['start', '--no-router'], homeports.app({}), {HOMEPORT_ROOT: root})).code).toBe(6)
  })

  test('a variable of .homeport.env that sets nothing is told of, with what was meant', async ({homeports}) => {
    const files = {Procfile: 'web: true\n', '.homeport.env': 'HOMEPORT_EXIT_ON=any\nHOMEPORT_PROT=80\nHOMEPORT_HOME=/tmp\n'}
    const {code, stderr} = await homeports.run(['start', '--no-router'], homeports.app(files))
    expect(code).toBe(0)
    expect(stderr).toContain('HOMEPORT_PROT does nothing in .homeport.env, which sets flags of `start`. Did you mean HOMEPORT_PORT?')
    expect(stderr).toContain('HOMEPORT_HOME does nothing in .homeport.env, which sets flags of `start`. Set it in the shell.')
  })

  test('SIGUSR1 opens no debugger', async ({homeports}) => {
    const started = homeports.start(homeports.app({Procfile: 'worker: exec sleep 60\n'}), ['--no-router'])
    await started.sees('is ready')
    started.child.kill('SIGUSR1')
    started.child.kill('SIGINT')
    expect((await started.ended).code).toBe(0)
    expect(started.stderr()).not.toContain('Debugger')
  })

  test('a Procfile that is a folder, or that cannot be read, is exit 3', async ({homeports}) => {
    const root = homeports.app({})
    mkdirSync(join(root, 'Procfile'))
    expect((await homeports.run(['start'], root)).code).toBe(3)
  })

  test('a port that the user typed and another holds is exit 5 and names the holder; any other moves on', async ({homeports}) => {
    const first = homeports.start(homeports.app('hello'))
    await first.sees('is ready')
    const port = String(first.port())
    const root = homeports.app('hello')
    const typed = await homeports.run(['start', '-p', port], root)
    expect(typed.code).toBe(5)
    expect(typed.stderr).toContain(`Port ${port} is taken by `)
    const moved = homeports.start(root, [], {env: {HOMEPORT_PORT: port}})
    await moved.sees('is ready')
    expect(moved.port()).not.toBe(Number(port))
    await moved.sees(`Port ${port} is taken`)
  })
})

describe('a dyno that ends', () => {
  test('says why, and comes back with growing delay', async ({homeports}) => {
    const root = homeports.app({Procfile: 'web: echo about to fail >&2; exit 7\n'})
    const started = homeports.start(root, [], {env: {HOMEPORT_TIME_SCALE: '0.05'}})
    await started.sees(/web\.1 exited with status 7 after \d+ ms\. Restarting now\./)
    await started.sees('  about to fail')
    await started.sees(/Restarting in 50 ms/)
    await started.sees(/Restarting in 200 ms/)
    await started.sees('State changed from crashed to starting')
  })

  test('a web that does not listen in time is killed with R10', async ({homeports}) => {
    const started = homeports.start(homeports.app({Procfile: 'web: sleep 60\n'}), ['--boot-timeout', '0.5'])
    await started.sees('Error R10 (Boot timeout) -> Web process failed to bind to $PORT within')
    await started.sees('Stopping process with SIGKILL')
    await started.sees('State changed from starting to crashed')
  })

  test('a web on another port is explained, in the log and by the router', async ({homeports}) => {
    const root = homeports.app('crasher')
    writeFileSync(join(root, 'Procfile'), 'web: node listen.js wrong\n')
    const started = homeports.start(root, ['--json', '--boot-timeout', '2'], {env: {HOMEPORT_TIME_SCALE: '0.02'}})
    await started.sees(/web\.1 listens on port \d+, not on \$PORT/)
    await started.sees(/Error R10 .* bound to port \d+ instead/)
  })
})

describe('signals', () => {
  test.for(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s is an orderly stop with exit 0', async (signal, {homeports}) => {
    const started = homeports.start(homeports.app('hello'), ['--no-router'])
    await started.sees('worker is waiting')
    started.child.kill(signal)
    expect((await started.ended).code).toBe(0)
  })

  test('two at once count as one', async ({homeports}) => {
    const started = homeports.start(homeports.app('hello'), ['--no-router'])
    await started.sees('worker is waiting')
    started.child.kill('SIGINT')
    started.child.kill('SIGINT')
    expect((await started.ended).code).toBe(0)
  })

  test('insisting kills: SIGKILL to all, exit 130', async ({homeports}) => {
    const root = homeports.app('stubborn')
    const started = homeports.start(root, ['--no-router', '--timeout-stop', '60'], {env: {MARK: root}})
    await started.sees('a tree of processes')
    started.child.kill('SIGINT')
    await started.sees('Stopping all processes with SIGTERM')
    const insist = setInterval(() => started.child.kill('SIGINT'), 100)
    expect((await started.ended).code).toBe(130)
    clearInterval(insist)
    expect(marked('MARK', root)).toEqual([])
  })

  test('who ignores SIGTERM is killed at the limit with R12, and exit is 0', async ({homeports}) => {
    const root = homeports.app('stubborn')
    const started = homeports.start(root, ['--no-router', '--timeout-stop', '0.5'], {env: {MARK: root}})
    await started.sees('a tree of processes')
    started.child.kill('SIGTERM')
    expect((await started.ended).code).toBe(0)
    expect(started.log()).toContain('Error R12 (Exit timeout)')
    expect(marked('MARK', root)).toEqual([])
  })

  test('--timeout-stop 0 leaves no time, and says nothing of Node’s', async ({homeports}) => {
    const started = homeports.start(homeports.app({Procfile: 'clock: trap "" TERM; echo up; while :; do sleep 0.1; done\n'}), [
      '--no-router',
      '--timeout-stop',
      '0',
    ])
    await started.sees(/clock\.1 +\| up/)
    started.child.kill('SIGTERM')
    expect((await started.ended).code).toBe(0)
    expect(started.stdout()).toContain('Error R12 (Exit timeout)')
    expect(started.stderr()).not.toContain('(node:')
  })

  test('kill -9 of homeport leaves no dyno, no socket and no session', async ({homeports}) => {
    const root = homeports.app('stubborn')
    const started = homeports.start(root, ['--no-router', '-m', 'all=2'], {env: {MARK: root}})
    await expect.poll(() => marked('MARK', root).length, {timeout: 20_000}).toBeGreaterThan(15)
    started.child.kill('SIGKILL')
    await expect.poll(() => marked('MARK', root), {timeout: 20_000}).toEqual([])
    await expect.poll(() => filesIn(join(homeports.home, 'run')), {timeout: 20_000}).toEqual([])
    const again = homeports.start(root, ['--no-router', 'daemon'])
    await again.sees('a daemon was left behind')
  })
})

describe('output', () => {
  test('a million lines come whole and in order, also the last ones before the exit', async ({homeports}) => {
    const root = homeports.app('chatty')
    const {ended} = homeports.start(root, ['million', '--no-router', '--log-format', 'raw', '--exit-on', 'any'])
    const {stdout, code} = await ended
    expect([code, stdout.length]).toEqual([0, 100_000_000])
    let expected = 0
    for (let at = 0; at < stdout.length; at += 100) if (Number(stdout.slice(at, at + 9)) === expected) expected++
    expect(expected).toBe(1_000_000)
  })

  test('a reader that goes away stops everything with 141', async ({homeports}) => {
    const root = homeports.app({Procfile: 'web: while :; do echo again; sleep 0.05; done\n'})
    const started = homeports.start(root, ['--no-router'], {env: {MARK: root}})
    await started.sees('again')
    started.child.stdout?.destroy()
    expect((await started.ended).code).toBe(141)
    expect(marked('MARK', root)).toEqual([])
  })

  test('--json is one object a line, and ready names the address', async ({homeports}) => {
    const started = homeports.start(homeports.app('hello', 'hello'), ['--json'])
    await started.sees('"type":"ready"')
    await get(Number(/"url":"http:\/\/localhost:(\d+)"/.exec(started.stdout())?.[1]))
    await started.sees('"type":"request"')
    started.child.kill('SIGTERM')
    const {stdout} = await started.ended
    const events = stdout
      .trimEnd()
      .split('\n')
      .map(line => JSON.parse(line))
    expect(new Set(events.map(({type}) => type))).toEqual(new Set(['line', 'state', 'ready', 'request', 'stopped']))
    expect(events.at(-1)).toMatchObject({type: 'stopped', exitCode: 0, left: 0})
    expect(events.find(({type}) => type === 'ready')).toMatchObject({app: 'hello', pid: started.child.pid})
  })

  test('stdin stays open and silent', async ({homeports}) => {
    const started = homeports.start(homeports.app('watcher'), ['--no-router'])
    await started.sees('watching')
    started.child.kill('SIGTERM')
    expect((await started.ended).stdout).not.toContain('stdin ended')
  })

  test('the log is readable after the end', async ({homeports}) => {
    const root = homeports.app('hello')
    const started = homeports.start(root)
    await started.sees('is ready')
    started.child.kill('SIGTERM')
    await started.ended
    const {stdout} = await homeports.run(['logs', '--log-format', 'raw', '-p', 'web'], root)
    expect(stdout).toMatch(/^listening on \d+\nbye\n$/)
  })
})

describe('while it runs', () => {
  test('is scaled, restarted without a failed request, put into maintenance and stopped from another terminal', async ({homeports}) => {
    const root = homeports.app('hello')
    const started = homeports.start(root)
    await started.sees('is ready')
    const scaled = await homeports.run(['ps:scale', 'web=3', '--json'], root)
    expect(JSON.parse(scaled.stdout)).toMatchObject({web: 3})
    await started.sees('web.3     | listening')
    const answers: number[] = []
    const isDone = new AbortController()
    const client = (async () => {
      while (!isDone.signal.aborted) answers.push((await get(started.port())).status)
    })()
    expect((await homeports.run(['ps:restart', 'web'], root)).code).toBe(0)
    isDone.abort()
    await client
    expect(new Set(answers)).toEqual(new Set([200]))
    await homeports.run(['maintenance:on'], root)
    expect((await get(started.port())).status).toBe(503)
    await homeports.run(['maintenance:off'], root)
    expect((await get(started.port())).status).toBe(200)
    expect((await homeports.run(['stop'], root)).code).toBe(0)
    expect((await started.ended).code).toBe(0)
  })

  test('--watch replaces web when a file is saved, and keeps the old one when the new one fails', async ({homeports}) => {
    const root = homeports.app('hello')
    const started = homeports.start(root, ['--watch', 'web'])
    await started.sees('is ready')
    const source = readFileSync(join(root, 'web.js'), 'utf8')
    const save = (text: string) => writeFileSync(join(root, 'web.js'), text)
    await expect
      .poll(
        async () => {
          save(source.replace('Hello', 'Good morning'))
          return (await get(started.port())).text
        },
        {timeout: 20_000, interval: 300},
      )
      .toContain('Good morning')
    save('throw new Error("broken on purpose")')
    await started.sees('The old dyno goes on serving.')
    expect((await get(started.port())).text).toContain('Good morning')
  })

  test('--detach returns when ready; a dyno that fails to boot is exit 6 with its last lines', async ({homeports}) => {
    const root = homeports.app('hello')
    const {code, stdout} = await homeports.run(['start', '--detach', '-p', '0'], root)
    expect([code, stdout]).toEqual([0, expect.stringContaining('is ready: http://localhost:')])
    expect((await get(Number(/localhost:(\d+)/.exec(stdout)?.[1]))).status).toBe(200)
    const second = await homeports.run(['start', '--detach', '-p', '0'], root)
    expect([second.code, second.stdout, second.stderr]).toEqual([5, '', expect.stringContaining('An app already runs in')])
    expect((await homeports.run(['stop'], root)).code).toBe(0)
    const broken = homeports.app({Procfile: 'web: echo so it goes; exit 3\n'})
    const failed = await homeports.run(['start', '-d', '-p', '0'], broken)
    expect([failed.code, failed.stderr]).toEqual([6, expect.stringContaining('so it goes')])
  })

  test('--detach --json: the error is all that is on stdout, the warnings are on stderr', async ({homeports}) => {
    const root = homeports.app({Procfile: 'web: sleep 0.2; exit 3\nno colon\n'})
    const {code, stdout, stderr} = await homeports.run(['start', '-d', '--json', '-p', '0'], root)
    expect([code, JSON.parse(stdout).error.code]).toEqual([6, 'DYNO_CRASHED'])
    expect(stderr).toContain('Procfile:2:1')
  })

  test('--after starts a type only when the other one is up', async ({homeports}) => {
    const root = homeports.app({Procfile: 'web: sleep 0.5; exec node web.js\nworker: echo worker started; exec sleep 60\n'})
    writeFileSync(join(root, 'web.js'), 'require("http").createServer().listen(process.env.PORT, () => console.log("web listens"))')
    const started = homeports.start(root, ['--after', 'worker=web'])
    await started.sees('worker started')
    expect(started.stdout().indexOf('web listens')).toBeLessThan(started.stdout().indexOf('worker started'))
  })
})

describe('odd machines', () => {
  test('no bash, no HOME, an empty PATH: sh serves', async ({homeports}) => {
    const root = homeports.app({Procfile: 'web: echo plain sh\n'})
    const started = homeports.start(root, ['--no-router', '--exit-on', 'any'], {env: {PATH: '', HOME: ''}})
    expect((await started.ended).stdout).toContain('plain sh')
  })

  test('a folder that cannot be written, with state elsewhere', async ({homeports}) => {
    const root = homeports.app('hello')
    chmodSync(root, 0o555)
    const started = homeports.start(root)
    await started.sees('is ready')
  })

  test('three hundred dynos start and stop', async ({homeports}) => {
    const root = homeports.app({Procfile: 'many: exec sleep 600\n'})
    const started = homeports.start(root, ['many=300', '--no-router', '--json'], {env: {MARK: root}})
    await started.sees('"type":"ready"')
    started.child.kill('SIGTERM')
    expect((await started.ended).code).toBe(0)
    expect(marked('MARK', root)).toEqual([])
  })

  test('the streams of a dyno are separate in raw', async ({homeports}) => {
    const root = homeports.app({Procfile: 'a: echo out; echo err >&2; printf end\n'})
    const started = homeports.start(root, ['--no-router', '--log-format', 'raw', '--exit-on', 'any'])
    await once(started.child, 'close')
    expect(started.stdout()).toBe('out\nend')
    expect(started.stderr()).toContain('err\n')
  })
})
