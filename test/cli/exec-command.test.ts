import {execFileSync} from 'node:child_process'
import {expect, test} from 'vitest'
import {execCommand} from '../../src/cli/run/exec-command.ts'

test('one word is a command line, several are an argv', () => {
  expect(execCommand(['ls | wc'], {}).command).toBe('ls | wc')
  expect(execCommand(['ls', '-l'], {}).command).toEqual(['ls', '-l'])
})

test('the terminal of who asks comes along, and nothing else', () => {
  expect(execCommand(['ls'], {TERM: 'xterm', COLORTERM: '', SECRET: 'x', HOME: '/root'}).env).toEqual({TERM: 'xterm'})
})

test.for([
  ['the shell of the user', '/bin/sh', '/bin/sh'],
  ['bash, where that is not there', '/no/such shell', 'bash'],
  ['bash, when there is none', undefined, 'bash'],
] as const)('without words it is %s', ([, shell, name]) => {
  const {command} = execCommand([], {SHELL: shell})
  expect(execFileSync('sh', ['-c', String(command)], {input: 'echo "$0"\n', encoding: 'utf8'})).toBe(`${name}\n`)
})
