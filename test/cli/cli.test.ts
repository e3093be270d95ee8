import {spawn} from 'node:child_process'
import {once} from 'node:events'
import {chmodSync, mkdirSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect, test} from 'vitest'
import {hasTool} from '../../scripts/test-tools.ts'
import {homeport, program} from '../support/homeport.ts'
import {test as withFolder} from '../support/temp-folder.ts'

const versionLine = `homeport/0.1.0 ${process.platform}-${process.arch} node-${process.version}\n`

describe('version and help', () => {
  test.for(['--version', '-v', 'version'])('%s tells version, platform and Node', async word => {
    expect(await homeport([word])).toEqual({code: 0, signal: null, stdout: versionLine, stderr: ''})
  })

  test('--version --json is a document', async () => {
    const {code, stdout} = await homeport(['--version', '--json'])
    expect([code, JSON.parse(stdout)]).toEqual([
      0,
      {version: '0.1.0', platform: `${process.platform}-${process.arch}`, node: process.version},
    ])
  })

  test.for([[], ['help'], ['--help'], ['-h']])('%j shows all commands', async argv => {
    const {code, stdout, stderr} = await homeport(argv)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain(versionLine.trim())
    expect(stdout).toMatch(/^ {2}shell-init {2,}Print what/m)
  })

  test.for([
    ['help', 'shell-init'],
    ['shell-init', '--help'],
    ['shell-init', 'bash', '-h'],
    ['--help', 'shell-init'],
  ])('%j shows the help of the command', async argv => {
    const {code, stdout, stderr} = await homeport(argv)
    expect([code, stderr]).toEqual([0, ''])
    expect(stdout).toContain('USAGE\n  $ homeport shell-init SHELL [FLAGS]')
  })
})

describe('mistakes of the typist are exit 2', () => {
  test.for([
    [['shell-intt'], 'There is no command “shell-intt”.', 'Did you mean `homeport shell-init`?'],
    [['nothing', 'like', 'it'], 'There is no command “nothing”.', 'See `homeport help`'],
    [['ps:scal', 'web=1'], 'There is no command “ps:scal”.', 'Did you mean `homeport ps:scale`?'],
    [['certs', 'trsut', 'now'], 'There is no command “certs trsut”.', 'Did you mean `homeport certs:trust`?'],
    [['help', 'shell-intt'], 'There is no command “shell-intt”.', 'Did you mean `homeport shell-init`?'],
    [['shell-init'], '`homeport shell-init` needs SHELL.', 'See `homeport shell-init --help`.'],
    [['shell-init', 'bash', 'zsh'], '`homeport shell-init` takes no argument “zsh”.', 'See `homeport'],
    [['shell-init', 'csh'], 'Expected csh to be one of: bash, zsh, fish', 'See `homeport'],
    [['shell-init', 'bash', '--jsno'], '`homeport shell-init` has no flag --jsno.', 'Did you mean --json?'],
    [['shell-init', 'bash', '-q'], '`homeport shell-init` has no flag -q.', 'See `homeport'],
    [['shell-init', 'bash', '--app'], 'Flag --app expects a value', 'See `homeport'],
    [['shell-init', 'bash', '--root', '/no/such'], '/no/such is no folder.', '--root DIR'],
    [['--bogus'], '`homeport` has no flag --bogus.', 'See `homeport help`.'],
  ] as const)('%j', async ([argv, message, hint]) => {
    const {code, stdout, stderr} = await homeport(argv)
    expect([code, stdout]).toEqual([2, ''])
    expect(stderr.startsWith(` ›   Error: ${message}\n ›   `)).toBe(true)
    expect(stderr.split('\n')[1]).toContain(hint)
  })

  test('with --json the error is a document on stdout', async () => {
    const {code, stdout, stderr} = await homeport(['shell-init', 'csh', '--json'])
    expect([code, stderr]).toEqual([2, ''])
    expect(JSON.parse(stdout)).toEqual({
      error: expect.objectContaining({code: 'USAGE', class: 'USAGE', exitCode: 2, message: 'Expected csh to be one of: bash, zsh, fish'}),
    })
    const unknown = await homeport(['nope', '--json'])
    expect(JSON.parse(unknown.stdout)).toMatchObject({error: {code: 'UNKNOWN_COMMAND', exitCode: 2}})
  })

  test('a flag before the command belongs to it', async () => {
    const {code, stdout} = await homeport(['--json', 'shell-init', 'fish'])
    expect([code, JSON.parse(stdout)]).toMatchObject([0, {shell: 'fish'}])
  })

  test('a stack is shown with HOMEPORT_DEBUG=1 only', async () => {
    expect((await homeport(['shell-init'])).stderr).not.toContain('    at ')
    expect((await homeport(['shell-init'], {env: {HOMEPORT_DEBUG: '1'}})).stderr).toContain('    at ')
  })
})

describe('colour', () => {
  test.for([
    [{FORCE_COLOR: '1'}, [], true],
    [{FORCE_COLOR: '1', NO_COLOR: '1'}, [], false],
    [{FORCE_COLOR: '1'}, ['--no-color'], false],
    [{}, [], false],
  ] as const)('of an error with %j %j', async ([env, flags, isColoured]) => {
    const {stderr} = await homeport(['shell-init', ...flags], {env})
    expect(stderr.includes('\u001b[')).toBe(isColoured)
  })

  test('of help follows NO_COLOR', async () => {
    expect((await homeport(['help'], {env: {FORCE_COLOR: '1'}})).stdout).toContain('\u001b[1m')
    expect((await homeport(['help'], {env: {FORCE_COLOR: '1', NO_COLOR: '1'}})).stdout).not.toContain('\u001b[')
  })
})

describe('the world around', () => {
  test.for([['--version'], ['help'], ['shell-init', 'bash'], ['nope', '--json']])(
    'a closed stdout ends %j with 141, in silence',
    async argv => {
      const child = spawn(program, argv, {stdio: ['ignore', 'pipe', 'pipe']})
      child.stdout.destroy()
      const stderr: Buffer[] = []
      child.stderr.on('data', chunk => stderr.push(chunk))
      const [code] = await once(child, 'close')
      expect([code, Buffer.concat(stderr).toString()]).toEqual([141, ''])
    },
  )

  test('no HOME, no PATH, no SHELL, no name for the user: the answers are the same', async () => {
    const bare = {PATH: '', HOME: undefined, SHELL: undefined}
    expect(await homeport(['--version'], {env: bare})).toMatchObject({code: 0, stdout: versionLine})
    expect(await homeport(['help', 'shell-init'], {env: bare})).toMatchObject({code: 0, stderr: ''})
  })

  test.runIf(process.getuid?.() === 0 && hasTool('setpriv'))('a uid that the machine does not know is as good as any', async () => {
    const unknown = ['--reuid', '54321', '--regid', '54321', '--clear-groups', program]
    const env = {PATH: '', HOME: undefined}
    expect(await homeport([...unknown, '--version'], {file: '/usr/bin/setpriv', env})).toMatchObject({code: 0, stdout: versionLine})
    expect(await homeport([...unknown, 'help'], {file: '/usr/bin/setpriv', env})).toMatchObject({code: 0, stderr: ''})
  })

  withFolder('nothing is written where nothing is kept', async ({folder}) => {
    const home = join(folder, 'home')
    await homeport(['help'], {env: {HOMEPORT_HOME: home, HOME: folder}, cwd: folder})
    await homeport(['--version'], {env: {HOMEPORT_HOME: home, HOME: folder}, cwd: folder})
    await expect(import('node:fs/promises').then(fs => fs.readdir(folder))).resolves.toEqual([])
  })

  test('an error that nobody caught is told as our bug', async () => {
    const main = fileURLToPath(new URL('../../src/main.ts', import.meta.url))
    const code = `process.argv.push('--version'); await import(${JSON.stringify(main)}); setTimeout(() => { throw new TypeError('boom') }, 1)`
    const result = await homeport(['--input-type=module', '-e', code, 'homeport'], {file: process.execPath})
    expect(result).toMatchObject({code: 1, stdout: versionLine})
    expect(result.stderr).toMatch(/^ › {3}Error: A bug in Homeport: boom\n › {3}Please report it.*\nTypeError: boom\n {4}at /)
  })

  withFolder('a folder that is gone is said so', async ({folder}) => {
    const gone = join(folder, 'gone')
    mkdirSync(gone)
    const child = spawn('/bin/sh', ['-c', 'rmdir "$PWD"; exec "$0" shell-init bash', program], {
      cwd: gone,
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const stderr: Buffer[] = []
    child.stderr.on('data', chunk => stderr.push(chunk))
    const [code] = await once(child, 'close')
    expect(code).toBe(2)
    expect(Buffer.concat(stderr).toString()).toContain(' ›   Error: The current folder is gone.\n ›   Go to another one.\n')
  })

  withFolder('another user’s eyes are no error here, since nothing is kept', async ({folder}) => {
    chmodSync(folder, 0o777)
    expect(await homeport(['--version'], {env: {HOMEPORT_HOME: folder}})).toMatchObject({code: 0})
  })
})
