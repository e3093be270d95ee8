import {spawnSync} from 'node:child_process'
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect} from 'vitest'
import {test} from '../support/temp-folder.ts'

/** Runs a script on a machine where some programs are others. */
function run(name: string, folder: string, programs: Readonly<Record<string, string>>, more: Readonly<Record<string, string>> = {}) {
  const bin = join(folder, 'bin')
  mkdirSync(bin)
  for (const [program, text] of Object.entries(programs)) writeFileSync(join(bin, program), `#!/bin/sh\n${text}\n`, {mode: 0o755})
  const script = fileURLToPath(new URL(`../../scripts/${name}`, import.meta.url))
  const env = {PATH: `${bin}:${process.env['PATH']}`, HOMEPORT_POOL_CACHE: join(folder, 'cache'), ...more}
  const {status, stdout, stderr} = spawnSync(script, [], {env, encoding: 'utf8'})
  return [status, `${stdout}${stderr}`]
}

test.for<[what: string, programs: Readonly<Record<string, string>>, reason: string]>([
  ['without root', {id: 'echo 1000'}, 'test hosts need root'],
  ['on another system than Linux', {uname: 'echo Darwin'}, 'test hosts need Linux'],
])('%s the tests of the pool are left out, with the reason', ([, programs, reason], {folder}) => {
  expect(run('test-pool', folder, programs)).toEqual([0, `test:pool: left out here: ${reason}\n`])
})

test('where they are required, leaving them out fails', ({folder}) => {
  const said = run('test-pool', folder, {id: 'echo 1000'}, {HOMEPORT_POOL_TESTS: 'required'})
  expect(said).toEqual([5, 'test:pool: left out here: test hosts need root\n'])
})

test('a download that fails is told, with the end of what it said', ({folder}) => {
  const programs = {id: 'echo 0', 'apt-get': 'exit 0', debootstrap: 'echo "E: cannot reach the mirror"; exit 1'}
  expect(run('setup-pool', folder, programs)).toEqual([
    5,
    'setup-pool: debootstrap of the disk of test hosts failed; the end of its log:\n  E: cannot reach the mirror\n',
  ])
})
