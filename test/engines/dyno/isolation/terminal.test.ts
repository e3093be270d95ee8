import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {spawn as spawnInTerminal} from '@lydell/node-pty'
import {expect} from 'vitest'
import {dynoSize} from '../../../../src/model/dyno-size.ts'
import {isRoot, nobody, openDyno, runDyno, usualSandboxWays, usualWays} from '../../../support/isolation.ts'
import {test} from '../../../support/temp-folder.ts'

const ways = usualWays.filter(({tier}) => tier !== 'process')

test.for(ways)('a one-off with a terminal has job control, Ctrl-C and its size, in a $name', async (way, {folder, onTestFinished}) => {
  mkdirSync(join(folder, 'slug'))
  const dyno = await openDyno(folder, way, {hasTerminal: true, command: 'bash --norc -i', slugFolder: join(folder, 'slug')})
  await using _ = dyno.made
  const {file, args, env, cwd} = dyno.isolation.wrap(dyno.spec, dyno.made.room)
  const user = way.as === 'user' && isRoot ? {uid: nobody, gid: nobody} : {}
  const terminal = spawnInTerminal(file, [...args], {env: {...env, TERM: 'dumb'}, cwd, cols: 91, rows: 17, ...user})
  onTestFinished(() => {
    try {
      terminal.kill('SIGKILL')
    } catch {
      // It has ended, as it should.
    }
  })
  let screen = ''
  terminal.onData(text => {
    screen += text
  })
  const ended = new Promise<number>(resolve => terminal.onExit(({exitCode}) => resolve(exitCode)))
  await expect.poll(() => screen, {timeout: 10_000}).toContain('$ ')
  terminal.write('stty size; sleep 100\r')
  await expect.poll(() => screen, {timeout: 10_000}).toContain('17 91')
  terminal.resize(50, 10)
  terminal.write('\x03')
  await expect.poll(() => screen, {timeout: 10_000}).toContain('^C')
  terminal.write('echo $((40 + 2)); stty size; sleep 50 &\r')
  await expect.poll(() => screen, {timeout: 10_000}).toMatch(/\r\n42\r\n10 50\r\n\[1\] \d+/)
  terminal.write('kill %1; exit 7\r')
  expect(await ended).toBe(7)
  expect(screen).not.toContain('no job control')
})

test.for(usualSandboxWays.filter(({as}) => as === 'user'))(
  'without cgroups the shell limits processes, for this dyno alone, in a $name',
  async (way, {folder}) => {
    mkdirSync(join(folder, 'slug'))
    const command =
      'ulimit -u; perl -e \'my $n = 0; while ($n < 400) { my $p = fork; defined $p or last; if (!$p) { sleep 60 } $n++ } print "forked $n\\n"; kill 9, -getpgrp\''
    const {stdout} = await runDyno(folder, way, {slugFolder: join(folder, 'slug'), size: dynoSize('eco'), command: `${command} | cat`})
    expect(stdout).toMatch(/^256\n/)
    const forked = Number(/forked (\d+)/.exec(stdout)?.[1] ?? 0)
    expect(forked).toBeLessThan(256)
  },
)
