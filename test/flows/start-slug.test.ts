import {readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {test} from '../support/started.ts'

const look = [
  'id -u > /tmp/me; echo uid=$(cat /tmp/me)',
  'echo pwd=$PWD home=$HOME dyno=$DYNO leak=$SHELL_SAYS greeting=$GREETING profile=$FROM_PROFILE',
  'echo x > /app/new && echo wrote',
  'ls /app | tr "\\n" " "',
]

test('a slug runs as production would: clean environment, /app of its own, never root, profile scripts, release first', async ({
  homeports,
}) => {
  const root = homeports.app({
    Procfile: `web: sh look.sh; exec node web.js\nrelease: echo migrated $GREETING\n`,
    'look.sh': look.join('\n'),
    'web.js': 'require("node:http").createServer((q, s) => s.end("from the slug")).listen(process.env.PORT)',
    '.env': 'GREETING=hi\n',
  })
  const profile = join(root, '.profile.d')
  const {mkdirSync} = process.getBuiltinModule('node:fs')
  mkdirSync(profile)
  writeFileSync(join(profile, 'a.sh'), 'export FROM_PROFILE=yes\n')
  const started = homeports.start(root, ['--build', '--buildpack', 'procfile'], {env: {SHELL_SAYS: 'secret'}})
  await started.sees('is ready')
  const log = started.stdout()
  expect(log.indexOf('migrated hi')).toBeGreaterThan(-1)
  expect(log.indexOf('migrated hi')).toBeLessThan(log.indexOf('State changed from created to starting'))
  expect(log).toMatch(/uid=[1-9]/)
  expect(log).toMatch(/pwd=\S*\/app home=\S*\/app dyno=web\.1 leak= greeting=hi profile=yes/)
  expect(log).toContain('wrote')
  expect(await (await fetch(`http://localhost:${started.port()}/`)).text()).toBe('from the slug')
  expect(JSON.parse((await homeports.run(['ps', '--json'], root)).stdout)[0].isolation).toMatch(/sandbox|own-uid|process/)
  expect(readdirSync(root)).not.toContain('new')
  started.child.kill('SIGTERM')
  expect((await started.ended).code).toBe(0)
  expect(readdirSync(join(homeports.home, 'state', 'rooms'))).toEqual([])
  expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(homeports.home)
})

test('an unknown slug is exit 2, a release that fails exit 6, an isolation that cannot be had exit 5', async ({homeports}) => {
  const root = homeports.app({Procfile: 'web: sleep 60\nrelease: echo broken; exit 3\n'})
  const unknown = await homeports.run(['start', '--slug', 'abcdef'], root)
  expect([unknown.code, unknown.stderr]).toEqual([2, expect.stringContaining('abcdef')])
  const failed = await homeports.run(['start', '--build', '--buildpack', 'procfile'], root)
  expect([failed.code, failed.stderr]).toEqual([6, expect.stringContaining('broken')])
  const both = await homeports.run(['start', '--build', '--slug', 'abcdef'], root)
  expect(both.code).toBe(2)
  const weak = await homeports.run(['start', '--isolation', 'sandbox'], root, {PATH: '/nowhere'})
  expect([weak.code, weak.stderr]).toEqual([5, expect.stringContaining('bubblewrap')])
})

test('a dyno over twice its quota is killed with R15, as on the platform', async ({homeports}) => {
  const eat = 'const all = []; setInterval(() => { const part = Buffer.alloc(64e6, 1); all.push(part) }, 20)'
  const root = homeports.app({Procfile: 'worker: node eat.js\n', 'eat.js': eat})
  const started = homeports.start(root, ['--no-router', '-s', 'worker=standard-1x', '--isolation', 'process'])
  await started.sees('Error R15 (Memory quota vastly exceeded)')
  await started.sees('Process exited with status 137')
})
