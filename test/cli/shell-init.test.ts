import {execFileSync} from 'node:child_process'
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {describe, expect} from 'vitest'
import {hasTool} from '../../scripts/test-tools.ts'
import {renderShellInit} from '../../src/cli/render/shell-init.ts'
import {homeport} from '../support/homeport.ts'
import {test} from '../support/temp-folder.ts'
import {Terminal} from '../support/terminal.ts'

const commands = ['start', 'ps', 'ps:scale', 'shell-init']

/** A shell in a terminal, with the integration read and a `homeport` on PATH that says how it was called. */
async function openShell(shell: 'bash' | 'zsh', folder: string, {before = '', options = [] as string[]} = {}): Promise<Terminal> {
  mkdirSync(join(folder, 'bin'))
  writeFileSync(join(folder, 'bin/homeport'), '#!/bin/sh\necho "[homeport $*]"\n', {mode: 0o755})
  writeFileSync(join(folder, 'init'), `${before}\n${renderShellInit(shell, commands)}\n`)
  const env = {
    PATH: `${join(folder, 'bin')}:/usr/bin:/bin`,
    HOME: folder,
    TERM: 'xterm',
    PS1: '$ ',
    INPUTRC: '/dev/null',
    HISTFILE: join(folder, 'history'),
  }
  const quiet = shell === 'bash' ? ['--norc', '--noprofile'] : ['-f']
  const terminal = new Terminal(shell, [...quiet, ...options, '-i'], {env, cwd: folder})
  terminal.type('. ./init; PS2="> "; PS1="read""y> "\r')
  await terminal.sees('ready> ')
  return terminal
}

/** Types a line and gives what was shown until the next prompt. */
async function enter(terminal: Terminal, line: string): Promise<string> {
  const before = terminal.shown.length
  terminal.type(`${line}; echo "do""ne:$?"\r`)
  await terminal.sees(/done:\d+/, {after: before})
  return terminal.shown.slice(before)
}

describe.for([
  {shell: 'bash', options: []},
  {shell: 'bash', options: ['-o', 'vi']},
  {shell: 'zsh', options: []},
] as const)('in $shell $options', ({shell, options}) => {
  test.runIf(hasTool(shell))('a typed local COMMAND is homeport COMMAND', async ({folder}) => {
    await using terminal = await openShell(shell, folder, {options: [...options]})
    expect(await enter(terminal, 'local start web=2')).toContain('[homeport start web=2]')
    expect(await enter(terminal, '  local   ps:scale web=2')).toContain('[homeport ps:scale web=2]')
    expect(await enter(terminal, 'local --version')).toContain('[homeport --version]')
    expect(await enter(terminal, 'homeport start')).toContain('[homeport start]')
  })

  test.runIf(hasTool(shell))('the word keeps its meaning everywhere else', async ({folder}) => {
    await using terminal = await openShell(shell, folder, {options: [...options]})
    expect(await enter(terminal, 'f() { local start=4; local ps; echo "in f: $start$ps."; }; f')).toContain('in f: 4.')
    expect(await enter(terminal, 'true && local start')).not.toContain('[homeport')
    expect(await enter(terminal, 'local start=1')).not.toContain('[homeport')
    expect(await enter(terminal, 'local unknown')).not.toContain('[homeport')
    expect(await enter(terminal, 'echo local start')).toContain('local start')
    const before = terminal.shown.length
    terminal.type('g() {\r')
    await terminal.sees('> ', {after: before})
    terminal.type('local start\r')
    terminal.type('local ps\r')
    terminal.type('start=5; echo "in g: $start."; }; g\r')
    await terminal.sees('in g: 5.', {after: before})
    expect(terminal.shown.slice(before)).not.toContain('[homeport')
    expect(await enter(terminal, 'local start')).toContain('[homeport start]')
  })

  test.runIf(hasTool(shell))('history has what was run, and the exit code before the prompt is untouched', async ({folder}) => {
    await using terminal = await openShell(shell, folder, {options: [...options]})
    await enter(terminal, 'local start')
    expect(await enter(terminal, 'fc -l -2')).toMatch(/homeport start; echo/)
    const before = terminal.shown.length
    terminal.type('(exit 3)\r')
    await terminal.sees(/ready> /, {after: before})
    expect(await enter(terminal, 'echo "code was:"$?')).toContain('code was:3')
  })
})

describe('bash', () => {
  test.for([
    ['a prompt command', "PROMPT_COMMAND='echo mine;'"],
    ['an array of them', 'PROMPT_COMMAND=("echo mine" true)'],
  ])('%s goes on working, also when the integration is read twice', async ([, before = ''], {folder}) => {
    await using terminal = await openShell('bash', folder, {before})
    await enter(terminal, '. ./init')
    const start = terminal.shown.length
    expect(await enter(terminal, 'local start')).toContain('[homeport start]')
    await terminal.sees(/mine[\s\S]*ready> /, {after: start})
    expect(await enter(terminal, 'declare -p PROMPT_COMMAND | grep -o __homeport_prompt | wc -l')).toMatch(/^\s*1\s*$/m)
  })

  test('in a script it does nothing', ({folder}) => {
    writeFileSync(join(folder, 'script'), `${renderShellInit('bash', commands)}\nf() { local start=1; echo "$start"; }; f; declare -F\n`)
    expect(execFileSync('bash', [join(folder, 'script')], {encoding: 'utf8'})).toBe('1\ndeclare -f f\n')
  })
})

describe('fish', () => {
  test.runIf(hasTool('fish'))('runs the program of that name, with the integration read', ({folder}) => {
    mkdirSync(join(folder, 'bin'))
    writeFileSync(join(folder, 'bin/local'), '#!/bin/sh\necho "[local $*]"\n', {mode: 0o755})
    const script = `${renderShellInit('fish', commands)}\nlocal start web=2`
    const env = {PATH: `${join(folder, 'bin')}:/usr/bin:/bin`, HOME: folder}
    expect(execFileSync('fish', ['--no-config', '-c', script], {encoding: 'utf8', env})).toBe('[local start web=2]\n')
  })
})

test('the command prints it, with the names of all commands', async () => {
  const {code, stdout} = await homeport(['shell-init', 'bash'])
  expect(code).toBe(0)
  expect(stdout).toMatch(/^# homeport shell-init bash\n/)
  expect(stdout).toMatch(/__homeport_typed='.*\|shell-init\b.*'/)
})
