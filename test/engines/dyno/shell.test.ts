import {chmodSync, symlinkSync, writeFileSync} from 'node:fs'
import {expect} from 'vitest'
import {findShell, planCommandLine} from '../../../src/engines/dyno/shell.ts'
import {test} from '../../support/temp-folder.ts'

const spec = {name: 'web.1', type: 'web', env: {PATH: '/nowhere'}, cwd: '/'}

test('bash is taken, from the first folder of PATH that has it', ({folder}) => {
  writeFileSync(`${folder}/bash`, '')
  chmodSync(`${folder}/bash`, 0o755)
  expect(findShell(`/nowhere:${folder}:/bin`)).toEqual({path: `${folder}/bash`})
})

test('bash is taken from its usual place when PATH leads to none', () => {
  expect(findShell('').path).toMatch(/^\/(usr\/)?bin\/bash$/)
})

test('a command goes through the shell untouched, called by its name where the dyno’s PATH leads there too', ({folder}) => {
  symlinkSync('/bin/sh', `${folder}/bash`)
  const shell = {path: `${folder}/bash`}
  const command = 'echo "$PORT" && exit 1'
  expect(planCommandLine({...spec, command}, shell)).toEqual({file: `${folder}/bash`, args: ['-c', command], env: spec.env, cwd: '/'})
  const env = {PATH: folder}
  expect(planCommandLine({...spec, command, env}, shell)).toEqual({file: 'bash', args: ['-c', command], env, cwd: '/'})
})

test('an argv needs no shell', () => {
  expect(planCommandLine({...spec, command: ['ls', '-l', 'a b']}, {path: '/bin/bash'})).toMatchObject({file: 'ls', args: ['-l', 'a b']})
})
