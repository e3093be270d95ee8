import {execFileSync, spawn} from 'node:child_process'
import {chmodSync, copyFileSync, mkdirSync, symlinkSync, writeFileSync} from 'node:fs'
import {basename, dirname, join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {describe, expect} from 'vitest'
import {homeport, type RunOptions} from '../support/homeport.ts'
import {test} from '../support/temp-folder.ts'
import {Terminal} from '../support/terminal.ts'

const launcher = fileURLToPath(new URL('../../bin/homeport', import.meta.url))
const nodePackage = `node-${process.platform}-${process.arch}`
const bundledNode = fileURLToPath(new URL(`../../node_modules/${nodePackage}`, import.meta.url))

/** A program that tells how it was started. */
const report = `const {argv, execPath, pid, env} = process
console.log(JSON.stringify({main: argv[1], args: argv.slice(2), execPath, pid, env}))
process.exitCode = 7
`

type Report = {main: string; args: string[]; execPath: string; pid: number; env: Record<string, string>}

/** A checkout, as git and `npm ci` make it. */
function makeCheckout(root: string): string {
  mkdirSync(join(root, 'bin'), {recursive: true})
  mkdirSync(join(root, 'src'))
  mkdirSync(join(root, 'node_modules'))
  writeFileSync(join(root, 'package.json'), '{"type": "module"}')
  copyFileSync(launcher, join(root, 'bin/homeport'))
  chmodSync(join(root, 'bin/homeport'), 0o755)
  writeFileSync(join(root, 'src/main.ts'), report)
  symlinkSync(bundledNode, join(root, 'node_modules', nodePackage))
  return join(root, 'bin/homeport')
}

/** node_modules as npm lays them out: the package with its links, and Node beside it. */
function makeInstallation(modules: string): string {
  const root = join(modules, 'homeport')
  mkdirSync(join(root, 'bin'), {recursive: true})
  mkdirSync(join(root, 'dist/package'), {recursive: true})
  mkdirSync(join(modules, '.bin'))
  copyFileSync(launcher, join(root, 'bin/homeport'))
  chmodSync(join(root, 'bin/homeport'), 0o755)
  writeFileSync(join(root, 'package.json'), '{"type": "module"}')
  writeFileSync(join(root, 'dist/package/main.js'), report)
  symlinkSync(bundledNode, join(modules, nodePackage))
  for (const name of ['homeport', 'local']) symlinkSync('../homeport/bin/homeport', join(modules, '.bin', name))
  return join(modules, '.bin/homeport')
}

async function started(file: string, args: readonly string[] = [], options: RunOptions = {}): Promise<Report> {
  const {code, stdout, stderr} = await homeport(args, {...options, file})
  expect([code, stderr]).toEqual([7, ''])
  return JSON.parse(stdout)
}

describe('in a checkout', () => {
  test('the bundled Node runs the sources, with the arguments untouched', async ({folder}) => {
    const args = ['a b', '', '$(x)', "it's", '--', '-n', 'ü\n']
    const {main, args: got, execPath} = await started(makeCheckout(folder), args)
    expect(main).toBe(join(folder, 'src/main.ts'))
    expect(got).toEqual(args)
    expect(basename(dirname(dirname(execPath)))).toBe(nodePackage)
  })

  test.for(['a b', 'it’s "quoted" \'twice\'', '$(exit 3)`exit 4`', '-n', 'ünï*?[', 'line\nend\n'])(
    'in a folder named %j',
    async (name, {folder}) => {
      const root = join(folder, name)
      const file = makeCheckout(root)
      expect((await started(file)).main).toBe(join(root, 'src/main.ts'))
      expect((await started('bin/homeport', [], {cwd: root})).main).toBe(join(root, 'src/main.ts'))
      expect((await started(join('..', basename(root), 'bin/homeport'), [], {cwd: root})).main).toBe(join(root, 'src/main.ts'))
    },
  )

  test('through links of links, relative and absolute, to the file and to its folder', async ({folder}) => {
    const file = makeCheckout(join(folder, 'checkout'))
    mkdirSync(join(folder, 'a'))
    symlinkSync('../checkout/bin/homeport', join(folder, 'a/local'))
    symlinkSync(join(folder, 'a/local'), join(folder, 'homeport'))
    symlinkSync(dirname(file), join(folder, 'elsewhere'))
    for (const link of ['a/local', 'homeport', 'elsewhere/homeport']) {
      expect((await started(join(folder, link))).main).toBe(join(folder, 'checkout/src/main.ts'))
    }
  })

  test('without PATH, also through a link', async ({folder}) => {
    const file = makeCheckout(join(folder, 'checkout'))
    symlinkSync(file, join(folder, 'link'))
    for (const PATH of ['', undefined]) {
      expect((await started(file, [], {env: {PATH}})).main).toBe(join(folder, 'checkout/src/main.ts'))
      expect((await started(join(folder, 'link'), [], {env: {PATH}})).main).toBe(join(folder, 'checkout/src/main.ts'))
    }
  })

  test('it is the same process: pid, exit code and signals are those of the program', async ({folder}) => {
    const file = makeCheckout(folder)
    writeFileSync(join(folder, 'src/main.ts'), 'process.kill(process.pid, "SIGTERM"); setInterval(() => {}, 1000)')
    expect(await homeport([], {file})).toMatchObject({code: null, signal: 'SIGTERM'})
    writeFileSync(join(folder, 'src/main.ts'), 'console.log(process.pid)')
    const child = spawn(file, {stdio: ['ignore', 'pipe', 'inherit']})
    const [line] = (await child.stdout.toArray()) as Buffer[]
    expect(String(line).trim()).toBe(String(child.pid))
  })

  test('NODE_OPTIONS of the shell breaks nothing, and is kept for the dynos', async ({folder}) => {
    const {env} = await started(makeCheckout(folder), [], {env: {NODE_OPTIONS: '--require=/no/such.js', NODE_COMPILE_CACHE: '/theirs'}})
    expect(env['NODE_OPTIONS']).toBeUndefined()
    expect(env['HOMEPORT_SHELL_NODE_OPTIONS']).toBe('--require=/no/such.js')
    expect(env['HOMEPORT_SHELL_NODE_COMPILE_CACHE']).toBe('/theirs')
    expect(env['NODE_COMPILE_CACHE']).toBe(join(folder, 'node_modules/.cache/homeport'))
  })

  test('started by itself, it keeps what the first start kept', async ({folder}) => {
    const env = {HOMEPORT_SHELL_NODE_OPTIONS: '--a', HOMEPORT_SHELL_NODE_COMPILE_CACHE: '', NODE_COMPILE_CACHE: '/ours'}
    const second = await started(makeCheckout(folder), [], {env})
    expect(second.env).toMatchObject({HOMEPORT_SHELL_NODE_OPTIONS: '--a', HOMEPORT_SHELL_NODE_COMPILE_CACHE: ''})
  })

  test('of the Nodes for several machines it takes the one for this', async ({folder}) => {
    const file = makeCheckout(folder)
    for (const other of ['node-aix-ppc64', 'node-linux-zzz']) {
      mkdirSync(join(folder, 'node_modules', other, 'bin'), {recursive: true})
      writeFileSync(join(folder, 'node_modules', other, 'bin/node'), '#!/bin/sh\nexit 9\n', {mode: 0o755})
    }
    expect((await started(file)).main).toBe(join(folder, 'src/main.ts'))
  })
})

describe('under npm', () => {
  test('the program is the child of npm, hears Ctrl-C, and its exit code is that of npm', async ({folder}) => {
    makeCheckout(folder)
    writeFileSync(join(folder, 'package.json'), '{"type": "module", "scripts": {"start": "exec bin/homeport start"}}')
    const program = `
      console.log('child of ' + process.ppid + '.')
      process.on('SIGINT', () => {
        console.log('heard')
        setTimeout(() => process.exit(9), 100)
      })
      setInterval(() => {}, 1000)`
    writeFileSync(join(folder, 'src/main.ts'), program)
    const {PATH = ''} = process.env
    await using terminal = new Terminal('npm', ['start'], {cwd: folder, env: {PATH, HOME: folder, npm_config_update_notifier: 'false'}})
    await terminal.sees(`child of ${terminal.pid}.`)
    terminal.type('\u0003')
    await terminal.sees('heard')
    expect(await terminal.ended).toMatchObject({exitCode: 9})
  })
})

describe('as a package', () => {
  test.for(['node_modules', 'lib/node_modules'])('in %s, through .bin, the bundle runs', async (modules, {folder}) => {
    const file = makeInstallation(join(folder, modules))
    const main = join(folder, modules, 'homeport/dist/package/main.js')
    const env = {PATH: ''}
    expect((await started(file, [], {env})).main).toBe(main)
    expect((await started(join(dirname(file), 'local'), [], {env})).main).toBe(main)
  })

  test('linked from a checkout, the sources run', async ({folder}) => {
    makeCheckout(join(folder, 'checkout'))
    mkdirSync(join(folder, 'app/node_modules/.bin'), {recursive: true})
    symlinkSync(join(folder, 'checkout'), join(folder, 'app/node_modules/homeport'))
    symlinkSync('../homeport/bin/homeport', join(folder, 'app/node_modules/.bin/homeport'))
    expect((await started(join(folder, 'app/node_modules/.bin/homeport'))).main).toBe(join(folder, 'checkout/src/main.ts'))
  })
})

describe('without a bundled Node', () => {
  function makeWithout(folder: string, nodeOnPath?: string): {file: string; options: RunOptions} {
    const file = makeCheckout(join(folder, 'checkout'))
    execFileSync('rm', [join(folder, 'checkout/node_modules', nodePackage)])
    mkdirSync(join(folder, 'path'))
    if (nodeOnPath !== undefined) writeFileSync(join(folder, 'path/node'), nodeOnPath, {mode: 0o755})
    return {file, options: {file, env: {PATH: join(folder, 'path')}}}
  }

  test('one on PATH that is new enough is taken', async ({folder}) => {
    const {file, options} = makeWithout(folder, `#!/bin/sh\nexec ${bundledNode}/bin/node "$@"\n`)
    expect((await started(file, ['x'], options)).args).toEqual(['x'])
  })

  test.for([
    ['an older one', '#!/bin/sh\nexit 1\n', 'which is older'],
    ['none', undefined, 'and found none'],
  ] as const)('%s is one clear message and exit 5', async ([, node, text], {folder}) => {
    const {options} = makeWithout(folder, node)
    const {code, stdout, stderr} = await homeport(['--version'], options)
    expect([code, stdout]).toEqual([5, ''])
    expect(stderr).toMatch(/^ › {3}Error: Homeport needs Node 24\.21 or newer, .*\n › {3}Install again .*\n$/)
    expect(stderr).toContain(text)
  })

  test('what is asked of an older one is in words that it understands', ({folder}) => {
    const {file} = makeWithout(folder)
    const [, question = ''] = /"\$found" -e '([^']+)'/.exec(execFileSync('cat', [file], {encoding: 'utf8'})) ?? []
    const answer = (version: string) =>
      new Function('process', question)({versions: {node: version}, exit: (code: number) => answers.push(code)})
    const answers: number[] = []
    for (const version of ['24.21.0', '24.20.9', '20.20.0', '26.0.0', '25.1.0', '0.12.1']) answer(version)
    expect(answers).toEqual([0, 1, 1, 0, 0, 1])
  })
})
