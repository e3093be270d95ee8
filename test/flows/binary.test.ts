import {execFileSync, spawnSync} from 'node:child_process'
import {createHash} from 'node:crypto'
import {copyFileSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, realpathSync, rmSync, symlinkSync} from 'node:fs'
import {tmpdir} from 'node:os'
import {join} from 'node:path'
import {afterAll, beforeAll, describe, expect} from 'vitest'
import {hostPlatform} from '../../scripts/build/base-node.ts'
import {buildBinary} from '../../scripts/build/build-binary.ts'
import {hasTool} from '../../scripts/test-tools.ts'
import {homeport} from '../support/homeport.ts'
import {test} from '../support/temp-folder.ts'

const work = mkdtempSync(join(tmpdir(), 'homeport-binary-'))
const binary = join(work, 'homeport')
afterAll(() => rmSync(work, {recursive: true}))

async function build(name: string, entry?: string): Promise<string> {
  const output = join(work, name)
  await buildBinary({platform: hostPlatform, output, workFolder: join(work, `${name}.work`), ...(entry === undefined ? {} : {entry})})
  return output
}

describe('the single binary', () => {
  beforeAll(() => build('homeport'), 120_000)

  test('is the same in every byte when it is built again, elsewhere', async () => {
    const hash = (path: string) => createHash('sha256').update(readFileSync(path)).digest('hex')
    expect(hash(await build('again'))).toBe(hash(binary))
    rmSync(join(work, 'again'))
  })

  test.for([
    ['--version'],
    ['version', '--json'],
    ['help'],
    ['shell-init', '--help'],
    ['shell-init', 'zsh'],
    ['nope'],
    ['shell-init', '--json'],
  ])('answers %j as the checkout does', async args => {
    expect(await homeport(args, {file: binary})).toEqual(await homeport(args, {file: 'bin/homeport'}))
  })

  test('is the program under any name, in any folder', async ({folder}) => {
    const odd = join(folder, 'a "b" $(c) ü')
    mkdirSync(odd)
    copyFileSync(binary, join(odd, 'homeport'))
    symlinkSync('homeport', join(odd, 'local'))
    for (const name of ['homeport', 'local']) {
      expect(await homeport(['help'], {file: join(odd, name), env: {PATH: ''}})).toMatchObject({code: 0, stderr: ''})
    }
    expect(readdirSync(odd).sort()).toEqual(['homeport', 'local'])
  })

  test('does not listen to options for the Node of the app', async () => {
    const env = {NODE_OPTIONS: '--require=/no/such.js', NODE_COMPILE_CACHE: undefined}
    expect(await homeport(['help'], {file: binary, env})).toMatchObject({code: 0, stderr: ''})
    expect(await homeport(['--inspect', '--version'], {file: binary})).toMatchObject({code: 2})
  })

  test.runIf(hasTool('bwrap'))('starts in a file system that has only itself and the C and C++ libraries', () => {
    const libraries = execFileSync('ldd', [binary], {encoding: 'utf8'}).match(/\/\S+/g) ?? []
    const binds = libraries.flatMap(path => ['--ro-bind', realpathSync(path), path])
    const bare = (...args: string[]) =>
      spawnSync(
        'bwrap',
        ['--unshare-all', '--clearenv', '--tmpfs', '/', ...binds, '--ro-bind', binary, '/homeport', '--chdir', '/', '/homeport', ...args],
        {
          encoding: 'utf8',
        },
      )
    expect(bare('--version')).toMatchObject({status: 0, stdout: `homeport/0.1.0 ${hostPlatform} node-${process.version}\n`, stderr: ''})
    expect(bare('help')).toMatchObject({status: 0, stderr: '', stdout: expect.stringContaining('shell-init')})
    expect(bare('nope')).toMatchObject({status: 2, stdout: ''})
  })
})

describe('files that travel in a binary', () => {
  let program: string
  beforeAll(async () => {
    program = await build('travelling', 'test/support/travelling-files.ts')
  }, 120_000)

  const run = (...folders: string[]) =>
    JSON.parse(execFileSync(program, folders, {encoding: 'utf8', cwd: '/', env: {PATH: '/usr/bin:/bin'}}))

  test('a terminal works, a thread answers, and buildpacks are on disk, in the cache folder alone', ({folder}) => {
    const cache = join(folder, 'cache')
    for (const _ of ['cold', 'warm']) {
      expect(run(cache)).toEqual({
        isBinary: true,
        shown: 'a terminal of 17 91\r\n',
        exitCode: 3,
        folder: expect.stringMatching(new RegExp(`^${cache}/buildpacks-[0-9a-f]{16}$`)),
        files: readdirSync('buildpacks').sort(),
        answer: {homeport: expect.objectContaining({message: expect.stringContaining('/no/such/slug cannot be read')})},
      })
    }
    expect(
      readdirSync(cache)
        .map(name => name.replace(/-[0-9a-f]{16}$/, ''))
        .sort(),
    ).toEqual(['buildpacks', 'pty'])
  })

  test.runIf(process.getuid?.() === 0)('a cache folder on a file system that runs no programs is passed over', ({folder}) => {
    const script = 'mount -t tmpfs -o noexec,mode=0700 none "$1" && exec "$2" "$1/cache" "$3"'
    mkdirSync(join(folder, 'noexec'))
    const args = ['--mount', '--propagation', 'private', 'sh', '-c', script, 'sh', join(folder, 'noexec'), program, join(folder, 'cache')]
    expect(JSON.parse(execFileSync('unshare', args, {encoding: 'utf8'}))).toMatchObject({exitCode: 3})
    expect(readdirSync(join(folder, 'cache')).filter(name => name.startsWith('pty-'))).toHaveLength(1)
  })
})
