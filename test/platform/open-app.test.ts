import {chmodSync, mkdirSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {configVarValues} from '../../src/model/config-vars.ts'
import type {ErrorCode} from '../../src/model/error.ts'
import {openApp} from '../../src/platform/open-app.ts'
import {asNobody} from '../support/as-nobody.ts'
import {test} from '../support/temp-folder.ts'

type Files = Readonly<Record<string, string | Uint8Array>>

function write(folder: string, files: Files): string {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

const failure = (code: ErrorCode, exitCode: number, rest: object = {}) => expect.objectContaining({code, exitCode, ...rest})

test('a folder is an app: its name, types in file order, config vars, nothing to say', ({folder}) => {
  const root = join(folder, 'My App')
  mkdirSync(root)
  write(root, {Procfile: 'worker: w\nweb: x\n2: y\n', '.env': 'A=1\n'})
  const app = openApp(root)
  expect(app).toMatchObject({name: 'my-app', root, warnings: [], notices: []})
  expect([...app.types]).toEqual([
    ['worker', 'w'],
    ['web', 'x'],
    ['2', 'y'],
  ])
  expect(app.configVars.get('A')).toMatchObject({value: '1', place: {file: '.env', line: 1}})
})

test('a link to the folder is the folder', ({folder}) => {
  mkdirSync(join(folder, 'real'))
  write(join(folder, 'real'), {Procfile: 'web: x'})
  symlinkSync('real', join(folder, 'link'))
  expect(openApp(join(folder, 'link'))).toMatchObject({root: join(folder, 'real'), name: 'real'})
})

test('without .env there are no config vars', ({folder}) => {
  expect(openApp(write(folder, {Procfile: 'web: x'})).configVars.size).toBe(0)
})

test('what the platform would skip is a warning, in the order of the lines', ({folder}) => {
  write(folder, {Procfile: 'web: a\nweb: b\noops\n  # c\n', '.env': 'A=1\nA=2\nB\n1C=3\n'})
  const {warnings, types} = openApp(folder)
  expect(warnings.map(({file, line, severity, rule}) => `${file}:${line} ${severity} ${rule}`)).toEqual([
    'Procfile:2 warning duplicate-type',
    'Procfile:3 warning not-a-declaration',
    '.env:2 warning duplicate-key',
    '.env:3 warning not-an-assignment',
    '.env:4 warning odd-key',
  ])
  expect(types.get('web')).toBe('b')
})

describe('which Procfile', () => {
  test.for([
    ['Procfile.dev', 'There is Procfile.dev, which is used only when it is named: `homeport start -f Procfile.dev`.'],
    ['procfile', 'procfile must be named Procfile: `mv procfile Procfile`.'],
    ['Procfile.txt', 'Procfile.txt must be named Procfile: `mv Procfile.txt Procfile`.'],
    ['package.json', 'package.json has no start script'],
  ] as const)('none, but %s: the hint says what to do with it', ([file, hint], {folder}) => {
    write(folder, {[file]: '{'})
    expect(() => openApp(folder)).toThrow(failure('PROCFILE_MISSING', 3, {hint: expect.stringContaining(hint)}))
  })

  test('a named one', ({folder}) => {
    write(folder, {Procfile: 'web: x', 'Procfile.dev': 'web: dev'})
    expect(openApp(folder, {procfile: 'Procfile.dev'}).types.get('web')).toBe('dev')
    expect(openApp(folder).types.get('web')).toBe('x')
  })

  test('none: npm start, and it says so', ({folder}) => {
    write(folder, {'package.json': '{"scripts": {"start": "node x"}}'})
    const {types, notices} = openApp(folder)
    expect([...types]).toEqual([['web', 'npm start']])
    expect(notices).toEqual(['No Procfile: web runs `npm start`, the start script of package.json.'])
  })

  test('none named: npm start does not stand in for it', ({folder}) => {
    write(folder, {'package.json': '{"scripts": {"start": "node x"}}'})
    expect(() => openApp(folder, {procfile: 'nope'})).toThrow(
      failure('PROCFILE_MISSING', 3, {place: {file: 'nope'}, hint: 'Check the name given with --procfile.'}),
    )
  })

  test.for(['{}', '{"scripts": {}}', '{"scripts": {"start": " "}}', '{"scripts": null}', 'null', '[', '{"scripts": {"start": 1}}'])(
    'none, and package.json is %s',
    (packageJson, {folder}) => {
      write(folder, {'package.json': packageJson})
      expect(() => openApp(folder)).toThrow(failure('PROCFILE_MISSING', 3, {hint: expect.stringContaining('web: node server.js')}))
    },
  )

  test('none at all', ({folder}) => {
    expect(() => openApp(folder)).toThrow(failure('PROCFILE_MISSING', 3, {message: `There is no Procfile in ${folder}.`}))
  })
})

describe('a Procfile that cannot be used', () => {
  test.for<[name: string, content: string | Uint8Array, code: ErrorCode, place: object]>([
    ['is empty', '', 'NO_PROCESS_TYPES', {file: 'Procfile'}],
    ['has only comments', '# x\n', 'NO_PROCESS_TYPES', {file: 'Procfile'}],
    ['has only bad lines', '\nweb = x\n', 'NO_PROCESS_TYPES', {file: 'Procfile', line: 2, column: 1}],
    ['has a NUL byte', 'web: x\nw: \0', 'PROCFILE_INVALID', {file: 'Procfile', line: 2, column: 4}],
    ['is UTF-16', Buffer.from('\ufeffweb: x', 'utf16le'), 'PROCFILE_INVALID', {file: 'Procfile', line: 1, column: 1}],
  ])('%s', ([, content, code, place], {folder}) => {
    expect(() => openApp(write(folder, {Procfile: content}))).toThrow(failure(code, 3, {place}))
  })

  test('is a folder', ({folder}) => {
    mkdirSync(join(folder, 'Procfile'))
    expect(() => openApp(folder)).toThrow(failure('FILE_UNREADABLE', 3, {message: 'Procfile is a folder, not a file.'}))
  })

  test('may not be read', ({folder}) => {
    chmodSync(folder, 0o755)
    write(folder, {Procfile: 'web: x'})
    chmodSync(join(folder, 'Procfile'), 0)
    expect(() => asNobody(() => openApp(folder))).toThrow(
      failure('FILE_UNREADABLE', 3, {message: 'Procfile may not be read.', place: {file: 'Procfile'}}),
    )
  })

  test('is a link to nothing, or to itself', ({folder}) => {
    symlinkSync('gone', join(folder, 'Procfile'))
    symlinkSync('loop', join(folder, 'loop'))
    expect(() => openApp(folder)).toThrow(failure('FILE_UNREADABLE', 3, {message: 'Procfile is a link to a file that does not exist.'}))
    expect(() => openApp(folder, {procfile: 'loop'})).toThrow(
      failure('FILE_UNREADABLE', 3, {message: 'loop is a link that leads back to itself.'}),
    )
  })

  test('has 100 MB: said at once', ({folder}) => {
    write(folder, {Procfile: ''})
    truncateSync(join(folder, 'Procfile'), 100_000_000)
    const before = process.memoryUsage().rss
    expect(() => openApp(folder)).toThrow(
      failure('FILE_UNREADABLE', 3, {message: 'Procfile has more than 1 MiB, which is too large for such a file.'}),
    )
    expect(process.memoryUsage().rss - before).toBeLessThan(50_000_000)
  })
})

describe('which .env files', () => {
  const files = {Procfile: 'web: x', '.env': 'A=1\nB=1', 'b.env': 'B=2\nC=2', 'c.env': 'C=3'}
  const values = (folder: string, options: Parameters<typeof openApp>[1]) =>
    configVarValues(openApp(write(folder, files), options).configVars)

  test.for<[name: string, options: Parameters<typeof openApp>[1], values: object]>([
    ['.env by default', {}, {A: '1', B: '1'}],
    ['a named one in its place', {env: ['b.env']}, {B: '2', C: '2'}],
    ['several, the later wins', {env: ['.env', 'b.env', 'c.env']}, {A: '1', B: '2', C: '3'}],
    ['a comma list', {env: ['c.env, b.env,']}, {C: '2', B: '2'}],
    ['below the named ones too, for build and ci', {env: ['b.env'], withDefault: true}, {A: '1', B: '2', C: '2'}],
    ['and --env-var over all', {envVars: ['A=x', 'Z=y']}, {A: 'x', B: '1', Z: 'y'}],
    ['none', {env: ['/dev/null']}, {}],
  ])('%s', ([, options, expected], {folder}) => {
    expect(values(folder, options)).toEqual(expected)
  })

  test('a named one that is missing', ({folder}) => {
    expect(() => values(folder, {env: ['b.env,nope.env']})).toThrow(failure('ENV_FILE_MISSING', 3, {place: {file: 'nope.env'}}))
  })

  test('$NAME is expanded when asked for: from the files, then from the shell', ({folder}) => {
    write(folder, {...files, 'b.env': `X=$A$HOME`})
    const options = {env: ['.env', 'b.env'], shellEnv: {HOME: '/me'}}
    expect(openApp(folder, options).configVars.get('X')?.value).toBe('$A$HOME')
    expect(openApp(folder, {...options, expand: true}).configVars.get('X')?.value).toBe('1/me')
    expect(() => openApp(folder, {env: ['b.env'], expand: true})).toThrow(
      failure('ENV_FILE_INVALID', 3, {place: {file: 'b.env', line: 1, column: 3}}),
    )
  })

  test('a Python virtual environment named .env is left alone, with a warning', ({folder}) => {
    write(folder, {Procfile: 'web: x'})
    mkdirSync(join(folder, '.env'))
    write(folder, {'.env/pyvenv.cfg': ''})
    expect(openApp(folder)).toMatchObject({configVars: new Map(), warnings: [{file: '.env', rule: 'virtual-environment'}]})
  })
})

describe('a .env that cannot be used', () => {
  test.for<[name: string, content: string | Uint8Array, place: object]>([
    ['has an open quote', 'A=1\nB="x\n', {file: '.env', line: 2, column: 3}],
    ['has text behind a quote', 'A="x"y', {file: '.env', line: 1, column: 6}],
    ['has a NUL byte', 'A=\0', {file: '.env', line: 1, column: 3}],
    ['is UTF-16', Buffer.from('A=1', 'utf16le'), {file: '.env', line: 1, column: 1}],
  ])('%s', ([, content, place], {folder}) => {
    expect(() => openApp(write(folder, {Procfile: 'web: x', '.env': content}))).toThrow(failure('ENV_FILE_INVALID', 3, {place}))
  })

  test('is a folder, or may not be read, or is too large', ({folder}) => {
    chmodSync(folder, 0o755)
    write(folder, {Procfile: 'web: x', 'a.env': 'A=1', 'large.env': Buffer.alloc(1024 * 1024 + 1, '#')})
    mkdirSync(join(folder, '.env'))
    chmodSync(join(folder, 'a.env'), 0)
    expect(() => openApp(folder)).toThrow(failure('FILE_UNREADABLE', 3, {message: '.env is a folder, not a file.'}))
    expect(() => asNobody(() => openApp(folder, {env: ['a.env']}))).toThrow(
      failure('FILE_UNREADABLE', 3, {message: 'a.env may not be read.'}),
    )
    expect(() => openApp(folder, {env: ['large.env']})).toThrow(failure('FILE_UNREADABLE', 3))
  })
})

test.for(['nope', 'file', 'file/below'])('%s is no folder: exit 2', (name, {folder}) => {
  write(folder, {file: ''})
  expect(() => openApp(join(folder, name))).toThrow(failure('ROOT_NOT_A_FOLDER', 2, {hint: expect.stringContaining('--root')}))
})
