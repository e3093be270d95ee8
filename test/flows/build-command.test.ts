import {spawn} from 'node:child_process'
import {existsSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {writeApp} from '../support/build-app.ts'
import {homeport, program} from '../support/homeport.ts'
import {recordingBuildpack} from '../support/recording-buildpack.ts'
import {test} from '../support/temp-folder.ts'

const run = (folder: string, args: readonly string[]) =>
  homeport(args, {cwd: join(folder, 'app'), env: {HOMEPORT_HOME: join(folder, 'home')}})

describe('homeport build', () => {
  test('prints the slug’s id on stdout and the build on stderr; the same content is the same slug', async ({folder}) => {
    writeApp(join(folder, 'app'), {Procfile: 'web: bin/web\n', '.env': 'SECRET=1\n', 'lib/a': 'a', 'log/x': 'x', '.slugignore': 'log\n'})
    const first = await run(folder, ['build'])
    expect(first.code, first.stderr).toBe(0)
    expect(first.stdout).toMatch(/^sha256:[0-9a-f]{64}\n$/)
    expect(first.stderr).toContain('-----> Deleting 1 files matching .slugignore patterns.\n')
    const again = await run(folder, ['build', '--json'])
    expect(JSON.parse(again.stdout)).toMatchObject({
      slug: first.stdout.trim(),
      processTypes: {web: 'bin/web'},
      stack: 'heroku-24',
      os: 'any',
      buildpacks: [{name: 'procfile', ref: 'procfile', commit: null}],
      reused: true,
    })
    const unpacked = await run(folder, ['slugs:unpack', first.stdout.trim(), join(folder, 'unpacked')])
    expect(unpacked.code, unpacked.stderr).toBe(0)
    expect(readdirSync(join(folder, 'unpacked')).sort()).toEqual(['.homeport', '.slugignore', 'Procfile', 'lib'])
  })

  test('config vars of .env, -e and --env-var reach the buildpack, the last wins, and none is in the slug', async ({folder}) => {
    const root = writeApp(join(folder, 'app'), {Procfile: 'web: x\n', '.env': 'A=env\nB=env\nC=env\n', 'more.env': 'B=more\nC=more\n'})
    writeApp(root, {'bin/compile': 'for name in A B C; do echo "$name=$(cat "$3/$name")"; done'})
    const {code, stderr, stdout} = await run(folder, [
      'build',
      '--buildpack',
      'inline',
      '-e',
      'more.env',
      '--env-var',
      'C=flag',
      '-o',
      '../slug.tar',
    ])
    expect(code, stderr).toBe(0)
    expect(stderr).toContain('A=env\nB=more\nC=flag\n')
    expect(stdout).toMatch(/^sha256:/)
    expect(readFileSync(join(folder, 'slug.tar'), 'latin1')).not.toContain('C=env')
  })

  test.for<[string, readonly string[], Readonly<Record<string, string>>, number, string]>([
    ['nothing fits', [], {'a.txt': ''}, 4, 'NO_BUILDPACK'],
    ['a buildpack that is not there', ['--buildpack', './nope'], {Procfile: 'web: x\n'}, 4, 'BUILDPACK_NOT_FOUND'],
    ['a REF that is a flag', ['--buildpack=-x'], {Procfile: 'web: x\n'}, 2, 'FLAG_INVALID'],
    ['a compile that fails', [], {'bin/compile': 'exit 1', 'bin/detect': 'echo x'}, 4, 'BUILD_FAILED'],
    ['an empty Procfile', [], {Procfile: ''}, 3, 'NO_PROCESS_TYPES'],
    ['a commit that is none', ['--commit', 'nope'], {Procfile: 'web: x\n'}, 2, 'FLAG_INVALID'],
    ['a network that is none', ['--build-network', 'some'], {Procfile: 'web: x\n'}, 2, 'USAGE'],
  ])('%s', async ([, args, files, exitCode, errorCode], {folder}) => {
    writeApp(join(folder, 'app'), files)
    const {code, stdout, stderr} = await run(folder, ['build', '--json', ...args])
    expect([code, JSON.parse(stdout).error.code], stderr).toEqual([exitCode, errorCode])
    expect((await run(folder, ['slugs', '--json'])).stdout.trim()).toBe('[]')
  })

  test('runs in a sandbox that knows nothing of the user, where one works', async ({folder}) => {
    writeApp(join(folder, 'app'), {
      Procfile: 'web: x\n',
      'bin/compile': `echo "home=$HOME"; ls ${folder} 2>/dev/null && echo SEEN; echo "uid=$(id -u)"`,
    })
    const {stderr} = await run(folder, ['build', '--buildpack', 'inline'])
    const isSandbox = !stderr.includes('No sandbox works here')
    expect(stderr).toContain(isSandbox ? 'home=/app\n' : 'home=')
    expect(isSandbox && stderr.includes('SEEN')).toBe(false)
  })

  test('Ctrl-C ends it with 130, and kill -9 leaves nothing either', async ({folder}) => {
    writeApp(join(folder, 'app'), {Procfile: 'web: x\n'})
    for (const [signal, code] of [
      ['SIGINT', 130],
      ['SIGKILL', null],
    ] as const) {
      const started = join(folder, `started-${signal}`)
      await recordingBuildpack(join(folder, 'pack'), join(folder, 'record'), 'one', {scripts: {compile: 'echo STARTED; sleep 600'}})
      const child = spawn(program, ['build', '--buildpack', '../pack'], {
        cwd: join(folder, 'app'),
        env: {PATH: process.env['PATH'], HOME: folder, HOMEPORT_HOME: join(folder, 'home')},
        stdio: ['ignore', 'ignore', 'pipe'],
      })
      child.stderr.on('data', chunk => String(chunk).includes('STARTED') && writeFileSync(started, ''))
      await expect.poll(() => existsSync(started), {timeout: 30_000}).toBe(true)
      const ended = new Promise(resolve => child.once('exit', resolve))
      child.kill(signal)
      expect(await ended).toBe(code)
      const work = () => readdirSync(join(folder, 'home/cache/builds')).flatMap(app => readdirSync(join(folder, 'home/cache/builds', app)))
      await expect.poll(() => work().includes('work'), {timeout: 30_000}).toBe(false)
    }
  })
})
