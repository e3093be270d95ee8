import {spawn} from 'node:child_process'
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {program} from '../support/homeport.ts'
import {marked, test} from '../support/started.ts'

/** A web that answers 200 with a text, 500 at /bad, and says on start what it is given. */
const web = `
const http = require('node:http')
console.log('config ' + process.env.GREETING + ' ' + (process.env.SECRET ?? '').length)
http.createServer((request, response) => {
  response.statusCode = request.url === '/bad' ? 500 : 200
  response.end(request.url === '/host' ? request.headers.host : 'hello smoke')
}).listen(process.env.PORT)
`
const files = {Procfile: 'web: node web.js\nworker: sleep 600\n', 'web.js': web, 'package.json': '{"name": "smoke"}'}
const quick = ['--buildpack', 'procfile']

const roomsLeft = (home: string) => (existsSync(join(home, 'state', 'rooms')) ? readdirSync(join(home, 'state', 'rooms')) : [])

describe('exit codes', () => {
  test.for([
    ['a good app', {}, ['--url', '/=200~hello', '--url', '/bad=500'], 0, 'ci: passed all phases'],
    ['no check at all: healthy is enough', {}, [], 0, 'ci: passed all phases'],
    ['a wrong text', {}, ['--url', '/=200~nope', '--timeout', '1'], 8, 'ci: failed in phase check GET / = 200 with “nope”'],
    ['a wrong status', {}, ['--url', '/bad', '--timeout', '1'], 8, 'ci: failed in phase check GET /bad = 200'],
    ['a command that fails', {}, ['--', 'exit 16'], 16, 'ci: failed in phase command'],
    ['a command that is not there', {}, ['--', 'nope-no-such-command', 'x'], 127, 'ci: failed in phase command'],
    ['a web that ends with 0', {Procfile: 'web: true\n'}, [], 6, 'ci: failed in phase healthy'],
    [
      'a worker that fails',
      {Procfile: 'web: node web.js\nworker: sleep 0.3; exit 4\n'},
      ['--url', '/never=404', '--timeout', '5'],
      6,
      'ci: failed in phase',
    ],
    ['a release that fails', {Procfile: 'release: echo no; exit 9\nweb: node web.js\n'}, [], 6, 'ci: failed in phase release'],
    ['no type', {Procfile: ''}, [], 3, 'ci: failed in phase build'],
    ['no such buildpack', {}, ['--buildpack', './nope'], 4, 'ci: failed in phase build'],
    ['a bad check', {}, ['--url', 'nope'], 2, ''],
    ['a broken app.json', {'app.json': '{"env": }'}, [], 3, ''],
  ] as const)('%s', async ([, more, args, code, verdict], {homeports}) => {
    const root = homeports.app({...files, ...more} as Record<string, string>)
    const result = await homeports.run(['ci', ...quick, ...args], root)
    expect([result.code, result.stdout.trimEnd().split('\n').at(-1)]).toEqual([code, expect.stringContaining(verdict)])
    expect(roomsLeft(homeports.home)).toEqual([])
  })
})

test('asks APP.localhost through the router; the command has the app’s address; --no-build runs the folder', async ({homeports}) => {
  const root = homeports.app(files, 'smoke')
  const command = ['--', 'sh', '-c', 'curl -fsS "$APP_URL/host" && test "$APP_URL" = "$HOMEPORT_URL_WEB"']
  const {code, stdout} = await homeports.run(['ci', '--no-build', '--url', '/host=200~smoke.localhost', ...command], root)
  expect(code).toBe(0)
  expect(stdout).toMatch(/127\.0\.0\.1:\d+/)
})

test('config vars: app.json, then .env, then --env-var; a required one that is unset is exit 3 and named with its place', async ({
  homeports,
}) => {
  const appJson = {
    env: {GREETING: {value: 'from app.json'}, SECRET: {generator: 'secret'}, TOKEN: {required: true, description: 'For the API.'}},
  }
  const root = homeports.app({...files, 'app.json': JSON.stringify(appJson), '.env': 'GREETING=from-env\n'})
  const unset = await homeports.run(['ci', ...quick], root)
  expect([unset.code, unset.stderr]).toEqual([3, expect.stringMatching(/TOKEN is required[\s\S]*app\.json:1:\d+[\s\S]*For the API\./)])
  const {code, stdout} = await homeports.run(['ci', ...quick, '--env-var', 'TOKEN=x'], root)
  expect(code).toBe(0)
  expect(stdout).toContain('config from-env 64')
})

test('app.json brings the checks when none is given', async ({homeports}) => {
  const healthchecks = {web: [{type: 'startup', path: '/', content: 'smoke'}]}
  const appJson = {
    healthchecks,
    environments: {test: {scripts: {test: 'echo app test says $APP_URL; exit 3'}}},
    addons: ['heroku-postgresql'],
  }
  const root = homeports.app({...files, 'app.json': JSON.stringify(appJson)})
  const {code, stdout, stderr} = await homeports.run(['ci', ...quick], root)
  expect(code).toBe(3)
  expect(stdout).toContain('app test says http://127.0.0.1:')
  expect(stderr).toContain('set DATABASE_URL')
})

test('--test runs the tests as Heroku CI does, before the app; their failure is exit 8', async ({homeports}) => {
  const tests = (script: string) => JSON.stringify({env: {STAGE: 'app.json'}, environments: {test: {scripts: {test: script}}}})
  const root = homeports.app({...files, 'app.json': tests('echo "tested in $STAGE"; test ! -e never')})
  const good = await homeports.run(['ci', ...quick, '--test', '--junit', 'ci.xml'], root)
  expect([good.code, good.stdout]).toEqual([0, expect.stringMatching(/tested in app\.json[\s\S]*State changed/)])
  expect(good.stdout.match(/tested in/g)).toHaveLength(1)
  expect(readFileSync(join(root, 'ci.xml'), 'utf8')).toContain('name="test"')
  writeFileSync(join(root, 'app.json'), tests('exit 7'))
  const bad = await homeports.run(['ci', ...quick, '--test'], root)
  expect([bad.code, bad.stdout.trimEnd().split('\n').at(-1)]).toEqual([8, 'ci: failed in phase test: test of app.json ended with 7.'])
  expect(roomsLeft(homeports.home)).toEqual([])
})

test('JUnit, JSON events and the pages of GitHub', async ({homeports}) => {
  const talk = "console.log('::error::not from us'); console.log('\\u0000\\u001b[31m <&>]]>')\n"
  const root = homeports.app({...files, 'web.js': talk + web})
  const summary = join(root, 'summary.md')
  const env = {GITHUB_ACTIONS: 'true', GITHUB_STEP_SUMMARY: summary}
  const failed = await homeports.run(['ci', ...quick, '--url', '/=418', '--timeout', '1', '--junit', 'ci.xml'], root, env)
  expect(failed.code).toBe(8)
  expect(failed.stdout).toMatch(/^::group::build$/m)
  expect(failed.stdout).toMatch(/^::error title=homeport ci%3A check GET \/ = 418::/m)
  expect(outsideOfApp(failed.stdout)).not.toContain('not from us')
  expect(readFileSync(summary, 'utf8')).toContain('| ❌ | check GET / = 418 |')
  const junit = readFileSync(join(root, 'ci.xml'), 'utf8')
  expect(junit).toContain('failures="1"')
  expect(junit).toContain('&lt;&amp;&gt;]]&gt;')
  expect(junit).not.toMatch(/[\u0000-\u0008\u001b]/)
  const json = await homeports.run(['ci', ...quick, '--json', '--url', '/'], root)
  const events = json.stdout
    .trimEnd()
    .split('\n')
    .map(line => JSON.parse(line))
  expect(events.filter(({type, status}) => type === 'step' && status === 'done').map(({name}) => name)).toEqual(
    expect.arrayContaining(['build', 'start', 'healthy', 'check GET / = 200', 'stop', 'clean']),
  )
  expect(events.at(-1)).toMatchObject({type: 'stopped', exitCode: 0, left: 0})
  expect(json.stderr).toContain('ci: passed all phases')
})

/** What a runner takes for commands: the text that does not stand between `::stop-commands::TOKEN` and `::TOKEN::`. */
function outsideOfApp(text: string): string {
  return text.replaceAll(/::stop-commands::(\w+)\n[\s\S]*?::\1::\n/g, '')
}

test('beside a running start, and killed at any moment, it leaves nothing', async ({homeports}) => {
  const root = homeports.app(files)
  const started = homeports.start(root)
  await started.sees('is ready')
  expect((await homeports.run(['ci', ...quick, '--url', '/'], root)).code).toBe(0)
  const {PATH, HOME} = process.env
  const env = {PATH, HOME, HOMEPORT_HOME: homeports.home, MARK: root}
  const child = spawn(program, ['ci', '--no-build', '--url', '/never=404', '--timeout', '60'], {cwd: root, env, stdio: 'ignore'})
  await expect.poll(() => marked('MARK', root).length, {timeout: 20_000}).toBeGreaterThan(2)
  child.kill('SIGKILL')
  await expect.poll(() => marked('MARK', root), {timeout: 20_000}).toEqual([])
  const built = spawn(program, ['ci', ...quick, '--url', '/never=404', '--timeout', '60'], {cwd: root, env, stdio: 'ignore'})
  const rooms = join(homeports.home, 'state', 'rooms')
  const dynoRooms = () =>
    existsSync(rooms) ? readdirSync(rooms, {recursive: true}).filter(name => /web\.1-\d+-\d+$/.test(String(name))) : []
  await expect.poll(() => dynoRooms().length, {timeout: 20_000}).toBeGreaterThan(0)
  built.kill('SIGKILL')
  await expect.poll(() => readdirSync(rooms), {timeout: 20_000}).toEqual([])
  expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(homeports.home)
  writeFileSync(join(root, 'done'), '')
})

test('Ctrl-C ends it with 130 and leaves nothing', async ({homeports}) => {
  const root = homeports.app(files)
  const {PATH, HOME} = process.env
  const child = spawn(program, ['ci', '--no-build', '--url', '/never=404'], {
    cwd: root,
    env: {PATH, HOME, HOMEPORT_HOME: homeports.home, MARK: root},
  })
  let log = ''
  child.stdout.on('data', data => (log += data))
  const ended = new Promise<number | null>(resolve => child.on('close', resolve))
  await expect.poll(() => log, {timeout: 20_000}).toContain('is ready')
  child.kill('SIGINT')
  expect(await ended).toBe(130)
  expect(marked('MARK', root)).toEqual([])
})
