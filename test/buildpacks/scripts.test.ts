import {execFileSync, spawnSync} from 'node:child_process'
import {mkdirSync, readdirSync, statSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {shippedBuildpacks} from '../../src/model/buildpack.ts'
import {writeApp} from '../support/build-app.ts'
import {test} from '../support/temp-folder.ts'

const packs = join(import.meta.dirname, '../../buildpacks')

/** Runs a line of bash with the shared scripts loaded, as a buildpack would. */
function bash(folder: string, scripts: readonly string[], line: string): {stdout: string; status: number | null} {
  const env = {PATH: process.env['PATH'], BUILD_DIR: folder, CACHE_DIR: join(folder, 'cache')}
  const sources = scripts.map(script => `. '${packs}/lib/${script}'`).join('; ')
  const {stdout, status} = spawnSync('bash', ['-c', `${sources}; ${line}`], {
    env,
    encoding: 'utf8',
    cwd: folder,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  return {stdout, status}
}

test('the folder holds the buildpacks that are listed, each with its three scripts, executable', () => {
  const found = readdirSync(packs).filter(name => name !== 'lib' && statSync(join(packs, name)).isDirectory())
  expect(found.sort()).toEqual([...shippedBuildpacks].sort())
  for (const name of found) {
    for (const script of ['detect', 'compile', 'release'])
      expect(statSync(join(packs, name, 'bin', script)).mode & 0o111, `${name} ${script}`).not.toBe(0)
  }
})

describe('detect', () => {
  test.for<[string, readonly string[], string]>([
    ['nodejs', ['package.json'], 'Node.js'],
    ['python', ['requirements.txt'], 'Python'],
    ['python', ['uv.lock'], 'Python'],
    ['python', ['Pipfile'], 'Python'],
    ['python', ['.python-version'], 'Python'],
    ['java', ['pom.xml'], 'Java'],
    ['go', ['go.mod'], 'Go'],
    ['static', ['index.html'], 'Static'],
    ['inline', ['bin/compile'], 'Inline'],
    ['procfile', ['Procfile'], 'Procfile'],
  ])('%s fits an app with %j', ([pack, files, name], {folder}) => {
    expect(spawnSync(join(packs, pack, 'bin/detect'), [folder]).status).toBe(1)
    writeApp(folder, Object.fromEntries(files.map(file => [file, ''])))
    expect(execFileSync(join(packs, pack, 'bin/detect'), [folder], {encoding: 'utf8'})).toBe(`${name}\n`)
  })

  test('of inline asks the app’s own bin/detect, without its run bit too', ({folder}) => {
    writeApp(folder, {'bin/compile': '', 'bin/detect': '#!/bin/sh\necho "mine $1"\n'})
    expect(execFileSync(join(packs, 'inline/bin/detect'), [folder], {encoding: 'utf8'})).toBe(`mine ${folder}\n`)
    writeApp(folder, {'bin/detect': '#!/bin/sh\nexit 1\n'})
    expect(spawnSync(join(packs, 'inline/bin/detect'), [folder]).status).toBe(1)
  })
})

describe('release', () => {
  const release = (pack: string, folder: string) => execFileSync(join(packs, pack, 'bin/release'), [folder], {encoding: 'utf8'})

  test('of go names the only program, and none of two', ({folder}) => {
    writeApp(folder, {'.homeport/go-binaries': 'hello\n'})
    expect(release('go', folder)).toContain('  web: bin/hello\n')
    writeApp(folder, {'.homeport/go-binaries': 'hello\nworker\n'})
    expect(release('go', folder)).toBe('---\n')
  })

  test('of inline is the app’s, or nothing', ({folder}) => {
    expect(release('inline', folder)).toBe('--- {}\n')
    writeApp(folder, {'bin/release': '#!/bin/sh\necho "default_process_types: {web: x}"\n'})
    expect(release('inline', folder)).toBe('default_process_types: {web: x}\n')
  })
})

describe('the shared scripts', () => {
  test('put config vars into the environment to the byte, but for those that steer the build', ({folder}) => {
    mkdirSync(join(folder, 'env'))
    const vars = {A: 'two words\n\n', PATH: '/evil', LD_PRELOAD: 'evil', BASH_ENV: 'evil', 'not-a-name': 'x'}
    for (const [name, value] of Object.entries(vars)) writeFileSync(join(folder, 'env', name), value)
    const {stdout} = bash(folder, ['common.sh'], 'export_env_dir env; set +u; printf "%s|%s|%s|%s" "$A" "$LD_PRELOAD" "$BASH_ENV" "$PATH"')
    expect(stdout).toBe(`two words\n\n|||${process.env['PATH']}`)
  })

  test('move output in, keep its last line without newline, and pass the exit status on', ({folder}) => {
    const {stdout, status} = bash(folder, ['common.sh'], 'indented sh -c "echo one; echo two >&2; printf three; exit 3"')
    expect(stdout.startsWith('       one\n       two\n       three\n')).toBe(true)
    expect(status).toBe(3)
  })

  test.for([
    ['24.21.0', '11.21.2'],
    ['22.8.0', '10.9.4'],
    ['20.17.0', '11.21.2'],
    ['18.20.4', '10.9.4'],
    ['16.20.2', '9.9.4'],
    ['14.0.0', '8.19.4'],
    ['10.24.1', '6.14.18'],
    ['4.9.1', '5.10.0'],
    ['4.0.0', '2.15.12'],
  ] as const)('Node %s gets npm %s', ([node, npm], {folder}) => {
    expect(bash(folder, ['common.sh', 'node.sh'], `npm_for ${node}`).stdout).toBe(`${npm}\n`)
  })

  test.for([
    ['', '24.21.0'],
    ['*', '24.21.0'],
    ['latest', '24.21.0'],
    ['20.1.2', '20.1.2'],
    ['v18.0.0', '18.0.0'],
    ['=16.20.0', '16.20.0'],
  ] as const)('engines “%s” needs no look at the registry: %s', ([engine, node], {folder}) => {
    expect(bash(folder, ['common.sh', 'node.sh'], `resolve_node '${engine}'`).stdout).toBe(`${node}\n`)
  })

  test.for([
    [{'.python-version': '# comment\n3.12\n'}, '3.12 .python-version'],
    [{'runtime.txt': 'python-3.11.4\r\n'}, '3.11.4 runtime.txt'],
    [{'.python-version': '3.13\n', 'runtime.txt': 'python-3.11\n'}, '3.13 .python-version'],
    [{}, ' '],
  ] as const)('Python of %j is “%s”', ([files, wanted], {folder}) => {
    writeApp(folder, files)
    expect(bash(folder, ['common.sh', 'python.sh'], 'read_python_version; echo "$python_wanted $python_source"').stdout).toBe(`${wanted}\n`)
  })
})
