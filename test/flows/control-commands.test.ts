import {spawn} from 'node:child_process'
import {chmodSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {program} from '../support/homeport.ts'
import {test} from '../support/running-app.ts'

const time = Date.UTC(2026, 10, 25, 3, 4, 5)

function output(lines: string, more: Readonly<Record<string, unknown>> = {}) {
  return {type: 'output', time, source: 'app', dyno: 'web.1', stream: 'stdout', lines, ...more}
}

describe('when nothing runs', () => {
  test.for([
    ['ps'],
    ['ps', '--root', '.'],
    ['ps:scale', 'web=2'],
    ['ps:restart'],
    ['ps:stop', 'web.1'],
    ['logs', '--tail'],
    ['stop'],
    ['open'],
    ['maintenance:on'],
    ['features:enable', 'x'],
  ])('%j is exit 5 and says how to start', async (argv, {run}) => {
    const {code, stdout, stderr} = await run(argv)
    expect([code, stdout]).toEqual([5, ''])
    expect(stderr).toMatch(/^ › {3}Error: No app is running in \/.*\/hello\.\n › {3}Start it with `homeport start`\.\n$/)
  })

  test.for([
    [['status'], 'No app is running on this machine.\n'],
    [['status', '--json'], '[]\n'],
    [['stop', '--all'], 'No app is running on this machine.\n'],
  ] as const)('%j is exit 0', async ([argv, stdout], {run}) => {
    expect(await run(argv)).toEqual({code: 0, signal: null, stdout, stderr: ''})
  })

  test('a name that does not run is exit 5, as a document with --json', async ({run}) => {
    const {code, stdout, stderr} = await run(['ps', '--app', 'other', '--json'])
    expect([code, stderr]).toEqual([5, ''])
    expect(JSON.parse(stdout)).toEqual({
      error: {
        code: 'APP_NOT_RUNNING',
        class: 'MACHINE',
        exitCode: 5,
        message: 'No app named “other” is running.',
        hint: expect.any(String),
      },
    })
  })

  test('a log that never was is exit 5', async ({run}) => {
    const {code, stderr} = await run(['logs'])
    expect(code).toBe(5)
    expect(stderr).toContain('There is no log of /')
  })

  test('waiting for an app that does not come is exit 5', async ({run}) => {
    expect((await run(['status', '--wait', '0'])).code).toBe(5)
  })

  test('a runtime folder that others may write into is exit 5', async ({run, home}) => {
    await run(['status'])
    mkdirSync(join(home, 'run'), {recursive: true})
    chmodSync(join(home, 'run'), 0o777)
    const {code, stderr} = await run(['status'])
    expect(code).toBe(5)
    expect(stderr).toContain('can be written by other users')
  })
})

describe('ps', () => {
  test('shows dynos by type, from the folder and by name', async ({start, run}) => {
    await start()
    const here = await run(['ps'])
    expect(here).toMatchObject({code: 0, stderr: ''})
    expect(here.stdout).toMatch(
      /^=== web: node web\.js \(2\)\n\nweb\.1: {2}up {2}2026\/11\/25 \d\d:\d\d:\d\d [+-]\d{4} \(~ \d+[smhd] ago\) {2}pid 1000 {2}port 5000 {2}34\.0 MB {2}process\nweb\.2: /,
    )
    const elsewhere = await run(['ps', '-a', 'hello'], {cwd: 'elsewhere'})
    expect(elsewhere.stdout.replaceAll(/~ \d+/g, '')).toBe(here.stdout.replaceAll(/~ \d+/g, ''))
  })

  test('--json has the keys of the contract, fast and by way of the framework', async ({start, run}) => {
    const {root} = await start()
    const fast = await run(['ps', '--json'])
    const dyno = {
      type: 'web',
      state: 'up',
      since: '2026-11-25T03:04:05.123456Z',
      memoryBytes: 35_651_584,
      isolation: 'process',
      command: 'node web.js',
      restarts: 0,
    }
    expect(JSON.parse(fast.stdout)).toEqual([
      {...dyno, dyno: 'web.1', pid: 1000, port: 5000},
      {...dyno, dyno: 'web.2', pid: 1001, port: 5001},
    ])
    expect((await run(['ps', '--json', `--root=${root}`], {cwd: 'elsewhere'})).stdout).toBe(fast.stdout)
  })

  test('scale changes and shows the formation', async ({start, run}) => {
    await start()
    expect(await run(['ps:scale', 'web+1', 'worker=2'])).toEqual({
      code: 0,
      signal: null,
      stdout: 'web=3 worker=2\n',
      stderr: 'Scaling dynos... done, now running web at 3, worker at 2\n',
    })
    expect(await run(['ps', 'scale'])).toMatchObject({code: 0, stdout: 'web=3 worker=2\n', stderr: ''})
    expect(JSON.parse((await run(['ps:scale', '--json'])).stdout)).toEqual({web: 3, worker: 2})
  })

  test('what is not there is exit 2, and says what is', async ({start, run}) => {
    await start()
    const mistakes = [
      [['ps:scale', 'nope=1'], 'No process type “nope” here.', 'The Procfile declares: web, worker.'],
      [['ps:scale', 'web'], '“web” is not a formation.', 'Write TYPE=N'],
      [['ps:restart', 'web.9'], 'No dyno or process type “web.9” is running.', 'Running are: web.1, web.2.'],
      [['ps:restart', 'nope'], 'No process type “nope” here.', 'The Procfile declares: web, worker.'],
      [['features:enable', 'preboot'], 'No feature “preboot”.', 'There is `http-session-affinity`.'],
    ] as const
    for (const [argv, message, hint] of mistakes) {
      const {code, stderr} = await run(argv)
      expect({argv, code}).toEqual({argv, code: 2})
      expect(stderr).toContain(` ›   Error: ${message}\n ›   ${hint}`)
    }
  })

  test('every change says what it did', async ({start, run}) => {
    await start()
    const changes = [
      [['ps:restart'], 'Restarting all dynos on hello... done\n'],
      [['ps:restart', 'web.1'], 'Restarting dyno web.1 on hello... done\n'],
      [['ps:restart', 'web'], 'Restarting web dynos on hello... done\n'],
      [['ps:stop', 'web.2'], 'Stopping dyno web.2 on hello... done\n'],
      [['maintenance:on'], 'Enabling maintenance mode for hello... done\n'],
      [['maintenance:off'], 'Disabling maintenance mode for hello... done\n'],
      [['features:enable', 'http-session-affinity'], 'Enabling http-session-affinity for hello... done\n'],
      [['features:disable', 'http-session-affinity'], 'Disabling http-session-affinity for hello... done\n'],
    ] as const
    for (const [argv, stderr] of changes) expect(await run(argv)).toEqual({code: 0, signal: null, stdout: '', stderr})
  })
})

describe('status and stop', () => {
  test('status shows every app, also two of one name; the name alone is then exit 2', async ({start, run, folder}) => {
    const first = await start('a/hello')
    const second = await start('b/hello')
    const {stdout} = await run(['status'])
    expect(stdout).toBe(
      [first, second].map(({pid, root}) => `hello  ready  http://localhost:5006  pid ${pid}  web=2 worker=0  ${root}\n`).join(''),
    )
    const {code, stderr} = await run(['ps', '-a', 'hello'])
    expect(code).toBe(2)
    expect(stderr).toContain(`in ${join(folder, 'a/hello')} and ${join(folder, 'b/hello')}`)
    expect(await run(['stop', '--all'])).toMatchObject({code: 0, stderr: 'Stopping hello, hello... done\n'})
    expect(await Promise.all([first.exited, second.exited])).toEqual([0, 0])
  })

  test('stop returns when the process is gone, and nothing is left of it', async ({start, run, home}) => {
    const {pid, exited} = await start()
    const {code, stdout} = await run(['stop', '--json'])
    expect(() => process.kill(pid, 0)).toThrow('ESRCH')
    expect([code, JSON.parse(stdout)]).toEqual([0, [{app: 'hello', root: expect.stringMatching(/\/hello$/), pid}]])
    expect(await exited).toBe(0)
    expect(readdirSync(join(home, 'run/apps'))).toEqual([])
  })

  test('--wait waits for an app that is only about to start', async ({start, run}) => {
    const waiting = run(['status', '--wait', '20', '--json'])
    const {pid} = await start()
    const {code, stdout} = await waiting
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      [expect.objectContaining({app: 'hello', pid, ready: true, url: 'http://localhost:5006'})],
    ])
  })

  test('a killed app is no app, and the folder is free again', async ({start, run, home}) => {
    const {kill, exited} = await start()
    kill('SIGKILL')
    await exited
    expect(await run(['ps'])).toMatchObject({code: 5})
    await start()
    expect(readdirSync(join(home, 'run/apps'))).toHaveLength(1)
    expect(await run(['ps'])).toMatchObject({code: 0})
  })

  test('an app that does not answer is exit 5, and says what to do', async ({start, run}) => {
    const {kill, pid} = await start()
    kill('SIGSTOP')
    const {code, stderr} = await run(['ps'])
    expect(code).toBe(5)
    expect(stderr).toContain(`hello (pid ${pid}) does not answer.`)
    expect(stderr).toContain(`kill -CONT ${pid}`)
  })
})

describe('open', () => {
  test('starts the browser that BROWSER names, with the path', async ({start, run, folder}) => {
    await start()
    const browser = join(folder, 'browser')
    writeFileSync(browser, `#!/bin/sh\necho "$@" > '${folder}/seen'\n`, {mode: 0o755})
    expect(await run(['open', '/login?x=1'], {env: {BROWSER: browser}})).toMatchObject({
      code: 0,
      stdout: 'Opening http://localhost:5006/login?x=1\n',
    })
    expect(readFileSync(join(folder, 'seen'), 'utf8')).toBe('http://localhost:5006/login?x=1\n')
  })

  test('prints the address where there is no browser, or none that works', async ({start, run}) => {
    await start()
    for (const BROWSER of ['', 'none', '/no/such/browser', 'false']) {
      expect(await run(['open', 'about'], {env: {BROWSER}})).toMatchObject({code: 0, stdout: 'http://localhost:5006/about\n', stderr: ''})
    }
  })
})

describe('logs', () => {
  test('history survives the end of the app', async ({start, run}) => {
    const app = await start()
    await app.tell(output('one\ntwo\n'))
    await app.tell(output('oops\n', {stream: 'stderr', dyno: 'worker.1'}))
    await app.tell({type: 'state', time, dyno: 'web.1', from: 'starting', to: 'up', pid: 7})
    await run(['stop'])
    const heroku = await run(['logs', '--log-format', 'heroku'])
    const stamp = '2026-11-25T03:04:05.000000+00:00'
    expect(heroku).toMatchObject({code: 0, stderr: ''})
    expect(heroku.stdout).toBe(
      [
        `${stamp} app[web.1]: one`,
        `${stamp} app[web.1]: two`,
        `${stamp} app[worker.1]: oops`,
        `${stamp} heroku[web.1]: State changed from starting to up`,
        '',
      ].join('\n'),
    )
    expect((await run(['logs', '-n', '2', '-s', 'app', '--no-timestamps'])).stdout).toBe('web.1     | two\nworker.1  | oops\n')
    expect(
      (await run(['logs', '-p', 'web', '--grep', 'o$', '--json'])).stdout
        .trimEnd()
        .split('\n')
        .map(line => JSON.parse(line)),
    ).toEqual([
      {type: 'line', time: '2026-11-25T03:04:05.000000Z', source: 'app', dyno: 'web.1', stream: 'stdout', text: 'two', partial: false},
    ])
    expect(JSON.parse((await run(['logs', '-s', 'heroku', '--json'])).stdout)).toEqual({
      type: 'state',
      time: '2026-11-25T03:04:05.000000Z',
      dyno: 'web.1',
      from: 'starting',
      to: 'up',
      pid: 7,
    })
    const raw = await run(['logs', '-d', 'worker.1', '--log-format', 'raw'])
    expect(raw).toMatchObject({stdout: '', stderr: 'oops\n'})
    expect((await run(['logs', '-a', 'hello', '-n', '1', '-s', 'app', '--no-timestamps'], {cwd: 'elsewhere'})).stdout).toContain('oops')
  })

  test.for([
    [['logs', '--grep', '('], '--grep “(” is no regular expression.'],
    [['logs', '--since', 'yesterday'], '--since “yesterday” is no duration and no time.'],
    [['logs', '-s', 'router'], 'Expected --source=router to be one of: app, heroku'],
    [['logs', '-n', 'many'], 'Expected an integer'],
  ] as const)('%j is exit 2', async ([argv, message], {run}) => {
    const {code, stderr} = await run(argv)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })

  test('--tail shows history, then what comes, and ends with the app', async ({start, run, home}) => {
    const app = await start()
    await app.tell(output('before\n'))
    const child = spawn(program, ['logs', '--tail', '--no-timestamps'], {
      cwd: app.root,
      env: {PATH: process.env['PATH'], HOMEPORT_HOME: home},
    })
    let seen = ''
    child.stdout.on('data', chunk => {
      seen += chunk
    })
    const exited = new Promise(resolve => child.once('exit', resolve))
    await expect.poll(() => seen, {timeout: 10_000}).toBe('web.1     | before\n')
    await app.tell(output('after\n'))
    await expect.poll(() => seen, {timeout: 10_000}).toBe('web.1     | before\nweb.1     | after\n')
    await app.tell(output('last words\n'))
    await run(['stop'])
    expect(await exited).toBe(0)
    expect(seen).toBe('web.1     | before\nweb.1     | after\nweb.1     | last words\n')
  })

  test('--tail ends by a signal with 128 + S, and when its reader is gone with 141', async ({start, home}) => {
    const app = await start()
    await app.tell(output('x\n'))
    const options = {cwd: app.root, env: {PATH: process.env['PATH'], HOMEPORT_HOME: home}}
    const interrupted = spawn(program, ['logs', '--tail'], options)
    await new Promise(resolve => interrupted.stdout.once('data', resolve))
    interrupted.kill('SIGINT')
    expect(await new Promise(resolve => interrupted.once('exit', resolve))).toBe(130)
    const unread = spawn(program, ['logs', '--tail'], options)
    await new Promise(resolve => unread.stdout.once('data', resolve))
    unread.stdout.destroy()
    const exited = new Promise(resolve => unread.once('exit', resolve))
    await app.tell(output('y\n'))
    expect(await exited).toBe(141)
  })
})
