import {spawn} from 'node:child_process'
import {existsSync, mkdirSync, readFileSync, rmSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {platformLimits} from '../../src/model/limits.ts'
import {build} from '../../src/platform/build.ts'
import {buildFolder} from '../../src/platform/build-lock.ts'
import {buildOptions, writeApp} from '../support/build-app.ts'
import {parseEnv, recordingBuildpack} from '../support/recording-buildpack.ts'
import {test} from '../support/temp-folder.ts'

function app(folder: string, files: Readonly<Record<string, string>> = {Procfile: 'web: run\n'}): string {
  return writeApp(join(folder, 'app'), files)
}

function pack(folder: string, name: string, scripts: Readonly<Record<string, string | null>> = {}) {
  return recordingBuildpack(join(folder, name), join(folder, 'record'), name, {scripts})
}

const recorded = (folder: string, file: string) => readFileSync(join(folder, 'record', file), 'utf8')

describe('a good build', () => {
  test('reads like the platform’s, and its result is the contract’s document', async ({folder}) => {
    await pack(folder, 'one', {
      detect: 'echo Node.js',
      compile: 'echo "-----> Installing"; echo "       fine"',
      release: 'echo "default_process_types: {worker: w}"',
    })
    const {options, output, steps} = buildOptions(folder, {wishes: {buildpacks: ['./one']}})
    const result = await build(app(folder), options)
    expect(output().split('\n')).toEqual([
      '-----> Building on the Heroku-24 stack',
      '-----> Using buildpack: ./one',
      '-----> Copying buildpack... done',
      '-----> Node.js app detected',
      '-----> Installing',
      '       fine',
      '-----> Build succeeded!',
      '-----> Discovering process types',
      '       Procfile declares types -> web',
      '       Default types for Node.js -> worker',
      '',
      '-----> Compressing...',
      '       Done: 45.2M',
      '',
    ])
    expect(result).toEqual({
      slug: 'sha256:1',
      sizeBytes: 1,
      archiveBytes: 45.2 * 1024 * 1024,
      processTypes: {web: 'run', worker: 'w'},
      stack: 'heroku-24',
      os: 'any',
      arch: 'any',
      libc: 'any',
      buildpacks: [{name: 'one', ref: './one', commit: null}],
      createdAt: 'now',
      reused: false,
    })
    expect(steps).toEqual([
      ...['source started', 'source done', 'buildpacks started', 'buildpacks done'],
      ...['compile one started', 'compile one done', 'slug started', 'slug done'],
    ])
  })

  test('keeps config vars out of the process environment, and puts them to the byte into ENV_DIR', async ({folder}) => {
    await pack(folder, 'one', {compile: `mkdir -p ${folder}/seen && cp "$3"/* ${folder}/seen; echo in "$1" >"$1/file"`})
    const configVars = new Map([
      ['SECRET', 'a b\n"c" '],
      ['EMPTY', ''],
    ])
    const {options, stored} = buildOptions(folder, {wishes: {buildpacks: ['./one']}, configVars})
    await build(app(folder), options)
    expect([readFileSync(join(folder, 'seen/SECRET'), 'utf8'), readFileSync(join(folder, 'seen/EMPTY'), 'utf8')]).toEqual(['a b\n"c" ', ''])
    const env = parseEnv(recorded(folder, 'one.compile.env'))
    expect(Object.keys(env).filter(name => /SECRET|EMPTY/.test(name))).toEqual([])
    expect(stored[0]?.files).toEqual(['Procfile', 'file'])
  })

  test('gives scripts the variables of the platform, a HOME of their own, and the machine’s certificates and proxies', async ({folder}) => {
    await pack(folder, 'one')
    const shellEnv = {
      PATH: process.env['PATH'] ?? '',
      HOME: folder,
      SSL_CERT_FILE: '/c.pem',
      HTTPS_PROXY: 'http://p',
      AWS_SECRET_ACCESS_KEY: 'x',
      NODE_OPTIONS: '--x',
    }
    const {options} = buildOptions(folder, {wishes: {buildpacks: ['./one'], stack: 'heroku-22'}})
    await build(app(folder), {...options, settings: {...options.settings, shellEnv}})
    const env = parseEnv(recorded(folder, 'one.compile.env'))
    expect(env).toMatchObject({STACK: 'heroku-22', SOURCE_VERSION: 'c'.repeat(40), SSL_CERT_FILE: '/c.pem', HTTPS_PROXY: 'http://p'})
    expect(env['REQUEST_ID']).toMatch(/^[0-9a-f-]{36}$/)
    expect(env['HOME']).not.toBe(folder)
    expect([env['AWS_SECRET_ACCESS_KEY'], env['NODE_OPTIONS']]).toEqual([undefined, undefined])
  })

  test('leaves nothing of its workspace, and the buildpack’s folder as it was', async ({folder}) => {
    await pack(folder, 'one', {compile: 'touch export; touch "$HOME/x"'})
    const {options} = buildOptions(folder, {wishes: {buildpacks: ['./one']}})
    const root = app(folder)
    await build(root, options)
    expect(existsSync(join(buildFolder(root, options.settings), 'work'))).toBe(false)
    expect(existsSync(join(folder, 'one/export'))).toBe(false)
  })

  test('takes the Procfile that a buildpack writes', async ({folder}) => {
    await pack(folder, 'one', {compile: 'echo "web: from the buildpack" >"$1/Procfile"'})
    const {options} = buildOptions(folder, {wishes: {buildpacks: ['./one']}})
    expect((await build(app(folder), options)).processTypes).toEqual({web: 'from the buildpack'})
  })

  test('tells what the source is without', async ({folder}) => {
    await pack(folder, 'one')
    const {options, output} = buildOptions(folder, {wishes: {buildpacks: ['./one']}})
    const copySource: typeof options.copySource = async (root, copy) => ({
      ...(await options.copySource(root, copy)),
      warnings: ['.env is tracked.'],
      ignoredFiles: 12,
    })
    await build(app(folder), {...options, copySource})
    expect(output()).toContain(' !     .env is tracked.\n-----> Deleting 12 files matching .slugignore patterns.\n')
  })
})

describe('CACHE_DIR', () => {
  const counting = 'echo x >>"$2/count"; cat "$2/count" | wc -l | tr -d " "'

  test('lives from build to build, and not over --clear-cache or another stack', async ({folder}) => {
    await pack(folder, 'one', {compile: counting})
    const root = app(folder)
    const run = async (wishes: object) => {
      const {options, output} = buildOptions(folder, {wishes: {buildpacks: ['./one'], ...wishes}})
      await build(root, options)
      return /^\d+$/m.exec(output())?.[0]
    }
    expect(await run({})).toBe('1')
    expect(await run({})).toBe('2')
    expect(await run({clearCache: true})).toBe('1')
    expect(await run({stack: 'heroku-22'})).toBe('1')
    expect(await run({stack: 'heroku-22'})).toBe('2')
  })

  test('is as it was after a build that failed, in compile or later', async ({folder}) => {
    await pack(folder, 'one', {compile: `echo x >>"$2/count"; cat "$2/count" | wc -l | tr -d " "; [ ! -e ${folder}/fail ]`})
    const root = app(folder)
    const {options, output} = buildOptions(folder, {wishes: {buildpacks: ['./one']}})
    await build(root, options)
    writeFileSync(join(folder, 'fail'), '')
    await expect(build(root, options)).rejects.toMatchObject({code: 'BUILD_FAILED'})
    const storeSlug = async () => Promise.reject(new Error('store'))
    rmSync(join(folder, 'fail'))
    await expect(build(root, {...options, storeSlug})).rejects.toThrow('store')
    const cache = join(buildFolder(root, options.settings), 'cache/count')
    expect([readFileSync(cache, 'utf8'), output().match(/^\d+$/gm)]).toEqual(['x\n', ['1', '2', '2']])
  })
})

describe('the choice of buildpacks', () => {
  test('several are numbered, and run in order', async ({folder}) => {
    await pack(folder, 'one', {compile: 'echo first; echo "export A=1" >export'})
    await pack(folder, 'two', {compile: 'echo second $A'})
    const {options, output} = buildOptions(folder, {wishes: {buildpacks: ['./one', './two']}})
    const {buildpacks} = await build(app(folder), options)
    expect(buildpacks.map(({name}) => name)).toEqual(['one', 'two'])
    expect(output()).toContain('-----> Using buildpacks:\n       1. ./one\n       2. ./two\n')
    expect(output()).toMatch(/first\n(.*\n)*second 1\n/)
  })

  test.for<[string, Readonly<Record<string, string>>]>([
    ['BUILDPACK_URL', {}],
    ['.buildpacks', {'.buildpacks': 'packs/one\n'}],
    ['app.json', {'app.json': '{"buildpacks": [{"url": "packs/one"}]}'}],
    ['project.toml', {'project.toml': '[[io.buildpacks.group]]\nuri = "./packs/one"\n'}],
  ])('by %s', async ([name, files], {folder}) => {
    const root = app(folder, {Procfile: 'web: x\n', ...files})
    await recordingBuildpack(join(root, 'packs/one'), join(folder, 'record'), 'one')
    const configVars = new Map(name === 'BUILDPACK_URL' ? [['BUILDPACK_URL', './packs/one']] : [])
    const {options} = buildOptions(folder, {configVars})
    expect((await build(root, options)).buildpacks).toMatchObject([{name: 'one'}])
  })

  test('by detection: a Procfile alone is enough', async ({folder}) => {
    const {options, output} = buildOptions(folder)
    const result = await build(app(folder), options)
    expect(result.buildpacks).toEqual([{name: 'procfile', ref: 'procfile', commit: null}])
    expect(output()).toContain('-----> Procfile app detected\n')
  })

  test('by detection: the app’s own bin/compile, without its run bit', async ({folder}) => {
    const files = {
      'bin/compile': '#!/bin/sh\necho "built by $0 in $(basename "$1")"\n',
      'bin/release': 'echo "default_process_types: {web: inline}"\n',
    }
    const {options, output} = buildOptions(folder)
    expect(await build(app(folder, files), options)).toMatchObject({processTypes: {web: 'inline'}, buildpacks: [{name: 'inline'}]})
    expect(output()).toMatch(/built by .*bin\/compile in build\n/)
  })

  test('none fits: exit 4, and what to do', async ({folder}) => {
    const {options, output, steps} = buildOptions(folder)
    const failed = build(app(folder, {'readme.txt': ''}), options)
    await expect(failed).rejects.toMatchObject({code: 'NO_BUILDPACK', exitCode: 4, hint: expect.stringContaining('--buildpack')})
    expect(output()).toContain(' !     No default language could be detected for this app.\n')
    expect(output()).toMatch(/\n ! {5}Push failed\n$/)
    expect(steps.at(-1)).toBe('detect done')
  })

  test.for<[string, string, number]>([
    ['./nope', 'BUILDPACK_NOT_FOUND', 4],
    ['-x', 'FLAG_INVALID', 2],
    ['file:///nope.git', 'BUILDPACK_NOT_FOUND', 4],
  ])('%s: %s', async ([ref, code, exitCode], {folder}) => {
    const {options, stored} = buildOptions(folder, {wishes: {buildpacks: [ref]}})
    await expect(build(app(folder), options)).rejects.toMatchObject({code, exitCode})
    expect(stored).toEqual([])
  })

  test('a broken app.json is exit 3', async ({folder}) => {
    const {options} = buildOptions(folder)
    await expect(build(app(folder, {'app.json': '{'}), options)).rejects.toMatchObject({code: 'APP_JSON_INVALID', exitCode: 3})
  })
})

describe('a bad build', () => {
  test('compile that fails: the platform’s words, exit 4, nothing stored', async ({folder}) => {
    await pack(folder, 'one', {detect: 'echo Node.js', compile: 'echo why; exit 3'})
    const {options, output, stored, steps} = buildOptions(folder, {wishes: {buildpacks: ['./one']}})
    const failed = build(app(folder), options)
    await expect(failed).rejects.toMatchObject({code: 'BUILD_FAILED', exitCode: 4, message: expect.stringContaining('ended with 3')})
    expect(output()).toMatch(/why\n ! {5}Push rejected, failed to compile Node.js app.\n\n ! {5}Push failed\n$/)
    expect([stored, steps.at(-1)]).toEqual([[], 'compile one failed'])
  })

  test('compile that hangs is ended at the limit, with all that it started', async ({folder}) => {
    await pack(folder, 'one', {compile: `sleep 600 & echo $! >${folder}/pid; wait`})
    const limits = {...platformLimits(), buildMs: 1500, drainMs: 100}
    const {options, output} = buildOptions(folder, {wishes: {buildpacks: ['./one']}, limits})
    await expect(build(app(folder), options)).rejects.toMatchObject({code: 'BUILD_FAILED', message: expect.stringContaining('1.5 seconds')})
    expect(output()).toContain(' !     Push rejected, the build took longer than 1.5 seconds.\n')
    await expect.poll(() => isAlive(Number(readFileSync(join(folder, 'pid'), 'utf8'))), {timeout: 20_000}).toBe(false)
  })

  test('no process type at all is exit 3', async ({folder}) => {
    await pack(folder, 'one')
    const {options} = buildOptions(folder, {wishes: {buildpacks: ['./one']}})
    await expect(build(app(folder, {}), options)).rejects.toMatchObject({code: 'NO_PROCESS_TYPES', exitCode: 3, place: {file: 'Procfile'}})
  })

  test('a Procfile that cannot be read as one is exit 3', async ({folder}) => {
    const {options} = buildOptions(folder, {wishes: {buildpacks: ['procfile']}})
    await expect(build(app(folder, {Procfile: 'web: a\0b\n'}), options)).rejects.toMatchObject({code: 'PROCFILE_INVALID', exitCode: 3})
  })

  test('a full disk is exit 5', async ({folder}) => {
    await pack(folder, 'one')
    const storeSlug = () => Promise.reject(Object.assign(new Error('no space'), {code: 'ENOSPC'}))
    const {options} = buildOptions(folder, {wishes: {buildpacks: ['./one']}, storeSlug})
    await expect(build(app(folder), options)).rejects.toMatchObject({code: 'DISK_FULL', exitCode: 5})
  })

  test('Ctrl-C ends it at once, and nothing is left', async ({folder}) => {
    await pack(folder, 'one', {compile: `echo $$ >${folder}/pid; sleep 600`})
    const stop = new AbortController()
    const {options, stored} = buildOptions(folder, {wishes: {buildpacks: ['./one']}, signal: stop.signal})
    const root = app(folder)
    const running = build(root, options)
    await expect.poll(() => existsSync(join(folder, 'pid')), {timeout: 20_000}).toBe(true)
    stop.abort(new Error('interrupted'))
    await expect(running).rejects.toThrow('interrupted')
    expect(stored).toEqual([])
    expect(existsSync(join(buildFolder(root, options.settings), 'work'))).toBe(false)
    expect(isAlive(Number(readFileSync(join(folder, 'pid'), 'utf8')))).toBe(false)
  })
})

describe('two builds of one app', () => {
  test('the second waits and says so', async ({folder}) => {
    await pack(folder, 'one', {
      compile: `touch ${folder}/started; while ! [ -e ${folder}/go ]; do sleep 0.05; done; echo x >>${folder}/order`,
    })
    const root = app(folder)
    const first = buildOptions(folder, {wishes: {buildpacks: ['./one']}})
    const second = buildOptions(folder, {wishes: {buildpacks: ['./one']}})
    const builds = [build(root, first.options)]
    await expect.poll(() => existsSync(join(folder, 'started')), {timeout: 20_000}).toBe(true)
    builds.push(build(root, second.options))
    await expect.poll(second.output).toBe(`-----> Waiting for another build of this app to end (pid ${process.pid})...\n`)
    writeFileSync(join(folder, 'go'), '')
    await Promise.all(builds)
    expect(readFileSync(join(folder, 'order'), 'utf8')).toBe('x\nx\n')
  })

  test('one that was killed leaves no lock, and what it left is swept away', async ({folder}) => {
    await pack(folder, 'one')
    const root = app(folder)
    const {options, output} = buildOptions(folder, {wishes: {buildpacks: ['./one']}})
    const dir = buildFolder(root, options.settings)
    mkdirSync(join(dir, 'work/build/old'), {recursive: true, mode: 0o700})
    const script = `
      import {lockBuild} from '${join(import.meta.dirname, '../../src/platform/build-lock.ts')}'
      const signal = new AbortController().signal
      globalThis.lock = await lockBuild('${root}', {settings: {cacheDir: '${options.settings.cacheDir}'}, signal, say: () => {}})
      console.log('locked')
      setInterval(() => {}, 1000)`
    const other = spawn(process.execPath, ['--input-type=module', '-e', script], {stdio: ['ignore', 'pipe', 'inherit']})
    await new Promise(resolve => other.stdout.once('data', resolve))
    const running = build(root, options)
    await expect.poll(output).toContain(`(pid ${other.pid})`)
    other.kill('SIGKILL')
    await running
    expect(output()).toContain('Build succeeded!')
  })
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
