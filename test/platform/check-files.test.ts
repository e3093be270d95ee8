import {chmodSync, lstatSync, mkdirSync, readdirSync, readFileSync, statSync, symlinkSync, truncateSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {type CheckOptions, checkFiles} from '../../src/platform/check-files.ts'
import {asNobody} from '../support/as-nobody.ts'
import {test} from '../support/temp-folder.ts'

type Files = Readonly<Record<string, string | Uint8Array>>

function write(folder: string, files: Files): string {
  for (const [name, content] of Object.entries(files)) writeFileSync(join(folder, name), content)
  return folder
}

function check(folder: string, files: Files, options: CheckOptions = {}) {
  const report = checkFiles(write(folder, files), options)
  return {...report, places: report.problems.map(({file, line, column, severity, rule}) => `${file}:${line}:${column} ${severity} ${rule}`)}
}

const good = {Procfile: 'web: serve $PORT\n'}

test('a good app is ok', ({folder}) => {
  const files = {...good, '.env': 'A=1\n', 'app.json': '{"name": "x"}', '.slugignore': '*.log\n'}
  expect(check(folder, files)).toMatchObject({ok: true, places: [], files: ['Procfile', '.env', 'app.json', '.slugignore'], repaired: []})
})

test('every file of the folder is looked at, file by file and line by line', ({folder}) => {
  const files = {
    Procfile: 'oops\nweb: serve $PORT\n',
    '.env': 'B\nA="x\n',
    '.env.test': 'C: d\n',
    '.homeport.env': 'bad\n',
    '.foreman': 'colour: x\n',
    'app.json': '{"env": {},}',
    '.slugignore': '!x\n',
  }
  const {ok, places, types} = check(folder, files)
  expect(ok).toBe(false)
  expect([...types]).toEqual([['web', 'serve $PORT']])
  expect(places).toEqual([
    'Procfile:1:1 error not-a-declaration',
    '.env:1:1 error not-an-assignment',
    '.env:2:3 error quote-not-closed',
    '.env.test:1:1 error not-an-assignment',
    '.homeport.env:1:1 error not-an-assignment',
    '.foreman:1:1 warning unknown-option',
    'app.json:1:11 error trailing-comma',
    '.slugignore:1:1 warning no-negation',
  ])
})

describe('files of the folder', () => {
  test('that only look like .env are left alone', ({folder}) => {
    const files = {...good, '.envrc': 'use nix', '.env.gpg': '\0', '.env.d.ts': 'declare', '.env~': 'x', 'prod.env': 'x'}
    expect(check(folder, files)).toMatchObject({places: [], files: ['Procfile']})
  })

  test('a Python virtual environment too', ({folder}) => {
    mkdirSync(join(folder, '.env'))
    expect(check(folder, {...good, '.env/pyvenv.cfg': ''}).places).toEqual([])
  })

  test('values of a template are no values yet', ({folder}) => {
    expect(check(folder, {...good, '.env.example': 'PORT=your port\nPATH=x\n'}).places).toEqual([])
    expect(check(folder, {...good, '.env.example': 'PORT=your port\nPATH=x\n', '.env': 'PORT=your port\nPATH=x\n'}).places).toEqual([
      'Procfile:1:6 note command-not-found',
      '.env:1:1 error port-invalid',
      '.env:2:1 warning path-without-system',
    ])
  })
})

describe('the Procfile', () => {
  test('is missing', ({folder}) => {
    expect(check(folder, {})).toMatchObject({ok: false, places: ['Procfile:1:1 error procfile-missing'], types: new Map()})
  })

  test('is missing, and package.json stands in', ({folder}) => {
    const report = check(folder, {'package.json': '{"scripts": {"start": "x"}}'})
    expect(report).toMatchObject({ok: true, places: ['Procfile:1:1 note procfile-missing'], types: new Map([['web', 'npm start']])})
  })

  test.for<[name: string, content: string, place: string]>([
    ['empty', '', 'Procfile:1:1 error no-process-types'],
    ['with a NUL byte', 'web: x\0', 'Procfile:1:7 error nul-byte'],
  ])('is %s', ([, content, place], {folder}) => {
    expect(check(folder, {Procfile: content}).places).toEqual([place])
  })

  test('is a folder, or too large, or may not be read', ({folder}) => {
    mkdirSync(join(folder, 'Procfile'))
    expect(check(folder, {}).places).toEqual(['Procfile:1:1 error file-unreadable'])
    truncateSync(join(write(folder, {'Procfile.large': '', 'Procfile.shut': ''}), 'Procfile.large'), 100_000_000)
    chmodSync(join(folder, 'Procfile.shut'), 0)
    chmodSync(folder, 0o755)
    const {problems} = asNobody(() => checkFiles(folder, {files: ['Procfile.large', 'Procfile.shut']}))
    expect(problems.map(({message}) => message)).toEqual([
      'Procfile.large has more than 1 MiB, which is too large for such a file.',
      'Procfile.shut may not be read.',
    ])
  })
})

describe('named files', () => {
  test('are known by their names', ({folder}) => {
    const files = {'Procfile.dev': 'a', 'x.env': 'a', '.envrc': 'a', 'app.json': 'a', '.slugignore': '..'}
    const {places} = check(folder, {...files, Procfile: 'bad'}, {files: Object.keys(files)})
    expect(places).toEqual([
      'Procfile.dev:1:1 error not-a-declaration',
      'Procfile.dev:1:1 error no-process-types',
      'x.env:1:1 error not-an-assignment',
      '.envrc:1:1 error not-an-assignment',
      'app.json:1:1 error not-json',
      '.slugignore:1:1 error outside-of-app',
    ])
  })

  test('or by --as', ({folder}) => {
    expect(check(folder, {types: 'web: x $PORT\n'}, {files: ['types'], as: 'procfile'})).toMatchObject({
      ok: true,
      types: new Map([['web', 'x $PORT']]),
    })
  })

  test('or not at all: exit 2', ({folder}) => {
    expect(() => check(folder, {types: ''}, {files: ['types']})).toThrow(
      expect.objectContaining({code: 'USAGE', exitCode: 2, hint: 'Add --as procfile, --as env or --as app-json.'}),
    )
  })

  test('must be there', ({folder}) => {
    expect(check(folder, good, {files: ['Procfile', 'nope.env']})).toMatchObject({ok: false, places: ['nope.env:1:1 error file-missing']})
  })
})

test('--strict: warnings fail, notes do not', ({folder}) => {
  expect(check(folder, {Procfile: 'web: serve\n'}, {strict: true})).toMatchObject({
    ok: true,
    places: ['Procfile:1:1 note web-without-port'],
  })
  const files = {Procfile: 'web: $PORT\nweb: $PORT\n'}
  expect([check(folder, files).ok, check(folder, files, {strict: true}).ok]).toEqual([true, false])
})

test('--expand: an undefined name is an error', ({folder}) => {
  const files = {...good, '.env': 'A=$HOME\nB=$NOPE\n'}
  expect(check(folder, files, {shellEnv: {HOME: '/me'}}).places).toEqual(['.env:1:3 note dollar-is-text'])
  expect(check(folder, files, {shellEnv: {HOME: '/me'}, expand: true}).places).toEqual(['.env:2:3 error undefined-name'])
})

test('a command that nothing on PATH can run is noted, and PATH is that of the dynos', ({folder}) => {
  write(folder, {tool: ''})
  chmodSync(join(folder, 'tool'), 0o755)
  const files = {Procfile: 'worker: tool\n'}
  expect(check(folder, files, {shellEnv: {PATH: folder}}).places).toEqual([])
  expect(check(folder, files, {shellEnv: {PATH: '/nowhere'}}).places).toEqual(['Procfile:1:9 note command-not-found'])
  expect(check(folder, {...files, '.env': `PATH=${folder}:/bin`}, {shellEnv: {PATH: '/nowhere'}}).places).toEqual([])
})

test('a variable that app.json requires and .env does not set is noted', ({folder}) => {
  const appJson = JSON.stringify({env: {A: {}, B: {required: false}, C: 'x', D: {}}})
  expect(check(folder, {...good, 'app.json': appJson, '.env': 'D=1\n'}).places).toEqual(['app.json:1:9 note required-unset'])
})

test('values stand in no report', ({folder}) => {
  const report = check(folder, {...good, '.env': 'A=geheim\nA=geheim#x\ngeheim\nPORT=geheim\nPATH=geheim\nexport B = "geheim\n$geheim"\n'})
  expect(report.places.length).toBeGreaterThan(6)
  expect(JSON.stringify(report.problems)).not.toContain('geheim')
})

describe('--fix', () => {
  const files = {
    Procfile: '\ufeff  web :serve $PORT\r\n \r\n  # c\r\nworker:go\r\n',
    '.env': '\ufeffA="1\r\n2"\r\n',
    'app.json': '{"env": {"A": "1",},\n}\n',
  }
  const mended = {Procfile: 'web: serve $PORT\n\n# c\nworker: go\n', '.env': 'A="1\n2"\n', 'app.json': '{"env": {"A": "1"}\n}\n'}

  test('mends what has one sure repair, and says what', ({folder}) => {
    const {repaired, ok, places} = check(folder, files, {fix: true})
    for (const [name, text] of Object.entries(mended)) expect(readFileSync(join(folder, name), 'utf8')).toBe(text)
    expect([ok, places]).toEqual([true, ['.env:1:4 note value-of-lines']])
    expect(repaired.map(({file, line, rule}) => `${file}:${line} ${rule}`)).toEqual([
      'Procfile:1 leading-blank',
      'Procfile:1 byte-order-mark',
      'Procfile:1 blank-before-colon',
      'Procfile:1 no-blank-after-colon',
      'Procfile:1 crlf',
      'Procfile:2 line-of-blanks',
      'Procfile:3 indented-comment',
      'Procfile:4 no-blank-after-colon',
      '.env:1 byte-order-mark',
      '.env:1 crlf',
      'app.json:1 trailing-comma',
      'app.json:1 trailing-comma',
    ])
  })

  test('has nothing to do the second time', ({folder}) => {
    check(folder, files, {fix: true})
    const before = statSync(join(folder, 'Procfile')).ino
    expect(checkFiles(folder, {fix: true}).repaired).toEqual([])
    expect(statSync(join(folder, 'Procfile')).ino).toBe(before)
  })

  test('keeps the mode, follows a link, leaves nothing beside the file', ({folder}) => {
    mkdirSync(join(folder, 'real'))
    write(folder, {'real/Procfile': 'web:serve $PORT\n'})
    chmodSync(join(folder, 'real/Procfile'), 0o640)
    symlinkSync('real/Procfile', join(folder, 'Procfile'))
    checkFiles(folder, {fix: true})
    expect(lstatSync(join(folder, 'Procfile')).isSymbolicLink()).toBe(true)
    expect(readFileSync(join(folder, 'real/Procfile'), 'utf8')).toBe('web: serve $PORT\n')
    expect(statSync(join(folder, 'real/Procfile')).mode & 0o777).toBe(0o640)
    expect(readdirSync(join(folder, 'real'))).toEqual(['Procfile'])
  })

  test('touches no file that it cannot read as text', ({folder}) => {
    const bytes = Buffer.concat([Buffer.from('web:serve $PORT '), Buffer.from([0xe9, 0x0a])])
    expect(check(folder, {Procfile: bytes}, {fix: true})).toMatchObject({ok: false, repaired: []})
    expect(readFileSync(join(folder, 'Procfile'))).toEqual(bytes)
  })

  test('without the right to write: exit 5, and the file is as it was', ({folder}) => {
    write(folder, {Procfile: 'web:serve $PORT\n'})
    chmodSync(folder, 0o555)
    expect(() => asNobody(() => checkFiles(folder, {fix: true}))).toThrow(expect.objectContaining({code: 'NO_PERMISSION', exitCode: 5}))
    chmodSync(folder, 0o755)
    expect([readFileSync(join(folder, 'Procfile'), 'utf8'), readdirSync(folder)]).toEqual(['web:serve $PORT\n', ['Procfile']])
  })

  test('without --fix nothing is changed', ({folder}) => {
    check(folder, files)
    expect(readFileSync(join(folder, 'Procfile'), 'utf8')).toBe(files.Procfile)
  })
})
