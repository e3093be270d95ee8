import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {homeport} from '../support/homeport.ts'
import {test} from '../support/temp-folder.ts'

test('an error is exit 3, with its place, what to write and a count on stdout', async ({folder}) => {
  writeFileSync(join(folder, 'Procfile'), 'web: sleep $PORT\n\nweb = x\n')
  expect(await homeport(['check'], {cwd: folder})).toEqual({
    code: 3,
    signal: null,
    stdout:
      'Procfile:3:1: error: This line declares no process type: it has no colon. [not-a-declaration]\n' +
      '    Did you mean `web: x`?\nProcess types: web. 1 error.\n',
    stderr: '',
  })
})

test('--json is one document, also when nothing can be read', async ({folder}) => {
  const empty = await homeport(['check', '--json'], {cwd: folder})
  expect([empty.code, empty.stderr]).toEqual([3, ''])
  expect(JSON.parse(empty.stdout)).toEqual({
    ok: false,
    types: {},
    problems: [expect.objectContaining({file: 'Procfile', line: 1, column: 1, severity: 'error', rule: 'procfile-missing'})],
  })
  writeFileSync(join(folder, 'Procfile'), 'web: sleep $PORT\n')
  const good = await homeport(['check', '--json', '--root', folder])
  expect([good.code, JSON.parse(good.stdout)]).toEqual([0, {ok: true, types: {web: 'sleep $PORT'}, problems: []}])
})

test('--json keeps the order of the file, whatever the names', async ({folder}) => {
  writeFileSync(join(folder, 'Procfile'), 'b: ls\n1: ls\n__proto__: ls\n')
  const {stdout} = await homeport(['check', '--json'], {cwd: folder})
  expect([...stdout.matchAll(/"(\w+)": "ls"/g)].map(([, name]) => name)).toEqual(['b', '1', '__proto__'])
})

test('warnings fail with --strict only', async ({folder}) => {
  writeFileSync(join(folder, 'Procfile'), 'web: sleep $PORT\nweb: sleep 1$PORT\n')
  expect((await homeport(['check'], {cwd: folder})).code).toBe(0)
  expect((await homeport(['check', '--strict'], {cwd: folder})).code).toBe(3)
})

test('files can be named, flags may stand between them', async ({folder}) => {
  writeFileSync(join(folder, 'a'), 'A=1\nbad\n')
  writeFileSync(join(folder, 'b.env'), 'B="\n')
  const {code, stdout} = await homeport(['check', 'a', '--as', 'env', 'b.env'], {cwd: folder})
  expect([code, stdout.match(/^\S+: error/gm)]).toEqual([3, ['a:2:1: error', 'b.env:1:3: error']])
  const unknown = await homeport(['check', 'a'], {cwd: folder})
  expect([unknown.code, unknown.stdout]).toEqual([2, ''])
  expect(unknown.stderr).toContain('Add --as procfile, --as env or --as app-json.')
})

test('--fix says what it changed', async ({folder}) => {
  writeFileSync(join(folder, 'Procfile'), 'web:sleep $PORT\r\n')
  const {code, stdout} = await homeport(['check', '--fix'], {cwd: folder})
  expect([code, stdout]).toEqual([
    0,
    'Procfile:1: repaired: blank put behind the colon [no-blank-after-colon]\n' +
      'Procfile:1: repaired: lines end in LF now [crlf]\nProcess types: web. No problems in Procfile.\n',
  ])
})
