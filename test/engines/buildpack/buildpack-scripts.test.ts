import {existsSync, readFileSync, writeFileSync} from 'node:fs'
import {mkdir} from 'node:fs/promises'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {compile, detect, release, report, test as runTests} from '../../../src/engines/buildpack/buildpack-scripts.ts'
import {fetched, plainRoom, scriptContext} from '../../support/build-context.ts'
import {parseEnv, type RecordingOptions, recordingBuildpack} from '../../support/recording-buildpack.ts'
import {test} from '../../support/temp-folder.ts'

async function record(folder: string, options: RecordingOptions = {}) {
  const dir = await recordingBuildpack(join(folder, 'pack'), join(folder, 'record'), 'one', options)
  const read = (script: string, what: string) => readFileSync(join(folder, 'record', `one.${script}.${what}`), 'utf8')
  return {pack: fetched('one', dir), read, ...scriptContext(folder)}
}

describe('the scripts of a buildpack', () => {
  test('get their arguments as the API has them', async ({folder}) => {
    const scripts = {'test-compile': '', test: 'exit 3', report: 'echo a: 1'}
    const {pack, read, context} = await record(folder, {scripts})
    const [build, cache, env] = [context.buildDir, context.cacheDir, context.envDir]
    await detect(pack, context)
    await compile(pack, context)
    await compile(pack, context, 'test-compile')
    await release(pack, context)
    expect(await report(pack, context)).toBe('a: 1\n')
    expect(await runTests(pack, context)).toBe(3)
    expect(read('detect', 'args')).toBe(`${build}\n`)
    expect(read('compile', 'args')).toBe(`${build}\n${cache}\n${env}\n`)
    expect(read('test-compile', 'args')).toBe(`${build}\n${cache}\n${env}\n`)
    expect(read('release', 'args')).toBe(`${build}\n`)
    expect(read('report', 'args')).toBe(`${build}\n${cache}\n${env}\n`)
    expect(read('test', 'args')).toBe(`${build}\n${env}\n`)
  })

  test('run in the folder of the buildpack, with the environment of the build and nothing else', async ({folder}) => {
    const {pack, read, context} = await record(folder)
    await compile(pack, context)
    expect(read('compile', 'cwd')).toBe(`${pack.dir}\n`)
    const {PWD: _pwd, SHLVL: _shlvl, _: _underscore, OLDPWD: _old, ...env} = parseEnv(read('compile', 'env'))
    expect(env).toEqual({...context.env, HOME: '/app'})
  })

  test('may write into that folder, since it is a copy', async ({folder}) => {
    const {pack, context} = await record(folder, {scripts: {compile: 'echo x >export'}})
    await compile(pack, context)
    expect(existsSync(join(pack.dir, 'export'))).toBe(true)
  })

  test.for<[string, RecordingOptions]>([
    ['without run bits', {withoutRunBit: true}],
    ['without shebangs', {withoutShebang: true}],
    ['without either', {withoutRunBit: true, withoutShebang: true}],
  ])('run %s', async ([, options], {folder}) => {
    const {pack, read, context} = await record(folder, options)
    expect(await detect(pack, context)).toBe('one')
    await compile(pack, context)
    expect(read('compile', 'args')).not.toBe('')
  })

  test('by bash, when no shebang says otherwise', async ({folder}) => {
    const {pack, context, output} = await record(folder, {
      withoutShebang: true,
      scripts: {compile: 'words=(one two); echo "$' + '{words[1]}"'},
    })
    await compile(pack, context)
    expect(output()).toBe('two\n')
  })

  test('by their shebang, whatever it names', async ({folder}) => {
    const {pack, context, output} = await record(folder)
    writeFileSync(join(pack.dir, 'bin/compile'), `#!${process.execPath}\nconsole.log('from node')\n`)
    await compile(pack, context)
    expect(output()).toBe('from node\n')
  })
})

describe('detect', () => {
  test('is the first line of what it prints', async ({folder}) => {
    const {pack, context, output} = await record(folder, {scripts: {detect: 'echo; echo " Node.js "; echo more; echo why >&2'}})
    expect(await detect(pack, context)).toBe('Node.js')
    expect(output()).toBe('why\n')
  })

  test('says no by its exit status', async ({folder}) => {
    const {pack, context} = await record(folder, {scripts: {detect: 'echo x; exit 1'}})
    expect(await detect(pack, context)).toBeUndefined()
  })

  test('is the name of the buildpack when it prints nothing', async ({folder}) => {
    const {pack, context} = await record(folder, {scripts: {detect: ''}})
    expect(await detect(pack, context)).toBe('one')
  })
})

describe('compile', () => {
  test('shows stdout and stderr merged, in the order in which they came', async ({folder}) => {
    const {pack, context, output} = await record(folder, {
      scripts: {compile: 'for i in 1 2 3; do echo out $i; echo err $i >&2; done; printf last'},
    })
    await compile(pack, context)
    expect(output()).toBe('out 1\nerr 1\nout 2\nerr 2\nout 3\nerr 3\nlast\n')
  })

  test('shows an unfinished line while it runs', async ({folder}) => {
    const partial: string[] = []
    const {pack} = await record(folder, {scripts: {compile: `printf 50%%; while ! [ -e ${folder}/go ]; do sleep 0.05; done; echo done`}})
    const {context} = scriptContext(folder, {
      onLines: ({lines}, options) => {
        if (options?.isPartial) writeFileSync(join(folder, 'go'), '')
        partial.push(`${options?.isPartial ? 'partial' : 'whole'} ${lines.toString()}`)
      },
    })
    await compile(pack, context)
    expect(partial).toEqual(['partial 50%', 'whole 50%done\n'])
  })

  test('fails with its exit code in the message', async ({folder}) => {
    const {pack, context} = await record(folder, {scripts: {compile: 'exit 9'}})
    await expect(compile(pack, context)).rejects.toMatchObject({
      code: 'BUILD_FAILED',
      exitCode: 4,
      message: expect.stringContaining('ended with 9'),
    })
  })

  test('ends with what it left running in its group', async ({folder}) => {
    const {pack, context} = await record(folder, {scripts: {compile: `sleep 600 & echo $! >${folder}/pid`}})
    const limited = {...context, graceMs: 100}
    await compile(pack, limited)
    const pid = Number(readFileSync(join(folder, 'pid'), 'utf8'))
    // Somebody else's zombie for a moment, until process 1 reads how it ended.
    await expect.poll(() => isAlive(pid), {timeout: 20_000}).toBe(false)
  })

  test('ends when it is told to, though it ignores SIGTERM', async ({folder}) => {
    const stop = new AbortController()
    const {pack} = await record(folder, {scripts: {compile: `trap '' TERM; echo $$ >${folder}/pid; sleep 600 & wait; sleep 600`}})
    const {context} = scriptContext(folder, {signal: stop.signal, graceMs: 100})
    const running = compile(pack, context)
    await expect.poll(() => existsSync(join(folder, 'pid'))).toBe(true)
    stop.abort(new Error('enough'))
    await expect(running).rejects.toThrow('enough')
    expect(isAlive(Number(readFileSync(join(folder, 'pid'), 'utf8')))).toBe(false)
  })
})

describe('release', () => {
  test.for<[string, string | null, [string, string][]]>([
    ['missing', null, []],
    ['silent', '', []],
    ['a marker alone', 'echo ---', []],
    ['an empty mapping', 'echo "--- {}"', []],
    ['full', 'echo "default_process_types:"; echo "  web: run it"', [['web', 'run it']]],
  ])('%s', async ([, script, types], {folder}) => {
    const {pack, context} = await record(folder, {scripts: {release: script}})
    expect([...(await release(pack, context)).defaultProcessTypes]).toEqual(types)
  })

  test('that fails is a failed build', async ({folder}) => {
    const {pack, context} = await record(folder, {scripts: {release: 'exit 1'}})
    await expect(release(pack, context)).rejects.toMatchObject({code: 'BUILD_FAILED'})
  })
})

test('a report that fails is no failure of the build, nor is a missing one', async ({folder}) => {
  const {pack, context} = await record(folder, {scripts: {report: 'exit 1'}})
  expect(await report(pack, context)).toBe('')
  const other = await recordingBuildpack(join(folder, 'other'), join(folder, 'record'), 'two')
  expect(await report(fetched('two', other), context)).toBe('')
})

test('exports of earlier buildpacks are sourced in order, in a command that is wrapped as a whole', async ({folder}) => {
  const {pack, read} = await record(folder)
  await mkdir(join(folder, 'a b'))
  writeFileSync(join(folder, 'a b/export'), 'export FIRST="one 1"\nexport PATH="$PATH:/added"\nfalse\n')
  writeFileSync(join(folder, 'export2'), 'export SECOND="$FIRST two"\n')
  const wrapped: string[] = []
  const {context} = scriptContext(folder, {
    exports: [join(folder, 'a b/export'), join(folder, 'export2')],
    room: {
      ...plainRoom,
      wrap: command => {
        wrapped.push(command.argv[0] ?? '')
        return plainRoom.wrap(command)
      },
    },
  })
  await compile(pack, context)
  const env = parseEnv(read('compile', 'env'))
  expect(env).toMatchObject({FIRST: 'one 1', SECOND: 'one 1 two', PATH: expect.stringMatching(/:\/added$/)})
  expect(read('compile', 'args').split('\n')[0]).toBe(context.buildDir)
  expect(wrapped).toEqual(['bash'])
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}

test('a room that shows folders elsewhere is told so in every argument', async ({folder}) => {
  const {pack} = await record(folder)
  const commands: (readonly string[])[] = []
  const {context} = scriptContext(folder, {
    exports: [join(folder, 'export')],
    room: {
      pathInside: path => path.replace(folder, '/inside'),
      wrap: command => {
        commands.push([...command.argv.slice(-6), command.workingFolder])
        return plainRoom.wrap({...command, argv: ['true'], workingFolder: '/'})
      },
    },
  })
  await compile(pack, context)
  const paths = ['export', '--', 'pack/bin/compile', 'build', 'cache', 'env', 'pack']
  expect(commands).toEqual([paths.map(path => (path === '--' ? path : `/inside/${path}`))])
})
