import {spawn} from 'node:child_process'
import {mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {launcher, launchersOf} from '../../../../src/engines/dyno/isolation/launch.ts'
import type {Argv, LaunchStep} from '../../../../src/engines/dyno/isolation/launch-step.ts'
import {readMachine} from '../../../../src/engines/dyno/isolation/machine.ts'
import {launchWithTools} from '../../../../src/engines/dyno/isolation/tool-launcher.ts'
import {isRoot, outcomeOf} from '../../../support/isolation.ts'
import {test} from '../../../support/temp-folder.ts'

const machine = readMachine({searchPath: process.env['PATH'] ?? ''})
const program: Argv = {file: '/bin/sh', args: ['-c', 'echo "$1 $(ulimit -n)"', 'sh', "it's $HOME"]}
const start = ({file, args}: Argv) => outcomeOf(spawn(file, args, {stdio: ['ignore', 'pipe', 'pipe']}))
const kinds = launchersOf(machine)
const tools = {sh: '/bin/sh', unshare: '/bin/unshare', mount: '/bin/mount', setpriv: '/bin/setpriv', mkdir: '/bin/mkdir'}

test('this machine has both launchers', () => {
  expect(kinds).toEqual(['perl', 'tools'])
})

test.for(kinds)('without steps the program is started as it is (%s)', kind => {
  expect(launcher(machine, kind)([], program)).toBe(program)
})

test.for(kinds)('a limit is lowered, never raised, and arguments pass untouched (%s)', async kind => {
  const launch = launcher(machine, kind)
  const lower = await start(launch([{step: 'limit', of: 'open-files', to: 500}], program))
  expect(lower.stdout, lower.stderr).toBe("it's $HOME 500\n")
  const low = {step: 'limit', of: 'open-files', to: 300} as const
  expect((await start(launch([low], launch([{step: 'limit', of: 'open-files', to: 500}], program)))).stdout).toBe("it's $HOME 300\n")
})

test.for(kinds)('a file is open at its number, and a folder is entered (%s)', async (kind, {folder}) => {
  writeFileSync(join(folder, "a 'b' $c"), 'content')
  mkdirSync(join(folder, 'sub'))
  const steps: readonly LaunchStep[] = [
    {step: 'open', descriptor: 7, file: join(folder, "a 'b' $c")},
    {step: 'enter-folder', path: join(folder, 'sub')},
  ]
  const {stdout} = await start(launcher(machine, kind)(steps, {file: '/bin/sh', args: ['-c', 'pwd; cat <&7']}))
  expect(stdout).toBe(`${folder}/sub\ncontent`)
})

test.for(
  kinds.flatMap(
    kind =>
      [
        [kind, {step: 'enter-folder', path: '/no/such'}],
        [kind, {step: 'join', cgroup: '/no/such'}],
        [kind, {step: 'open', descriptor: 5, file: '/no/such'}],
      ] as const,
  ),
)('a step that fails ends the start with 125 and its name: %s %j', async ([kind, step]) => {
  const {code, stdout, stderr} = await start(launcher(machine, kind)([step], program))
  expect([code, stdout]).toEqual([125, ''])
  expect(stderr).toMatch(/homeport-launch: .*\/no\/such/)
})

test.for(kinds)('a program that is not there is what a shell says: 127, and 126 when it cannot be run (%s)', async kind => {
  const limit = {step: 'limit', of: 'open-files', to: 500} as const
  expect((await start(launcher(machine, kind)([limit], {file: '/etc/passwd', args: []}))).code).toBe(126)
  const {code} = await start(launcher(machine, kind)([{step: 'limit', of: 'open-files', to: 500}], {file: '/no/such', args: []}))
  expect(code).toBe(127)
})

if (isRoot) {
  test.for(kinds)('root is given up for good (%s)', async kind => {
    const steps: readonly LaunchStep[] = [{step: 'become', uid: 60_700, gid: 60_701}, {step: 'die-with-parent'}, {step: 'no-new-rights'}]
    const script = 'id -u; id -g; id -G; grep -E "^Cap|NoNew" /proc/self/status | cut -f2 | sort -u; cat /etc/shadow'
    const {stdout} = await start(launcher(machine, kind)(steps, {file: '/bin/sh', args: ['-c', script]}))
    expect(stdout).toBe('60700\n60701\n60701\n0000000000000000\n1\n')
  })

  test.for(kinds)(
    'mounts vanish with the process that made them, and files of others show what they should (%s)',
    async (kind, {folder}) => {
      for (const name of ['lower', 'upper', 'work', 'at', 'bound']) mkdirSync(join(folder, name))
      writeFileSync(join(folder, 'lower/file'), 'lower')
      writeFileSync(join(folder, 'bound/file'), 'bound')
      const steps: readonly LaunchStep[] = [
        {step: 'own-mounts', asRoot: true},
        {step: 'mount-tmpfs', at: '/sys'},
        {step: 'folder', path: '/sys/a'},
        {step: 'file', path: '/sys/b'},
        {step: 'mount-overlay', in: folder, at: '/sys/a', options: 'lowerdir=lower,upperdir=upper,workdir=work'},
        {step: 'mount-bind', from: join(folder, 'bound/file'), at: '/sys/b'},
      ]
      const script = 'cat /sys/a/file /sys/b; echo changed >/sys/a/file; grep -c lowerdir=lower, /proc/self/mountinfo'
      const {stdout, stderr} = await start(launcher(machine, kind)(steps, {file: '/bin/sh', args: ['-c', script]}))
      expect(stdout, stderr).toBe('lowerbound1\n')
      expect((await start({file: '/bin/cat', args: [join(folder, 'upper/file'), join(folder, 'lower/file')]})).stdout).toBe(
        'changed\nlower',
      )
      expect((await start({file: '/bin/sh', args: ['-c', 'ls /sys | head -1; grep -c homeport /proc/mounts']})).stdout).toMatch(
        /^block\n0\n$/,
      )
    },
  )
}

test('with tools every exec is a program of its own, and what needs root comes first', () => {
  const steps: readonly LaunchStep[] = [
    {step: 'join', cgroup: '/cg/web.1'},
    {step: 'own-mounts', asRoot: false},
    {step: 'become', uid: 7, gid: 8},
    {step: 'no-new-rights'},
  ]
  const {file, args} = launchWithTools(tools, steps, {file: 'app', args: ['x']})
  expect(file).toBe('/bin/sh')
  expect(args[1]).toContain(`echo $$ >'/cg/web.1/cgroup.procs' ||`)
  expect(args.slice(2).join(' ')).toBe(
    '/bin/unshare --user --map-root-user --mount --propagation private -- ' +
      '/bin/setpriv --reuid=7 --regid=8 --clear-groups --inh-caps=-all --bounding-set=-all --no-new-privs -- app x',
  )
})

test('a machine without perl, or of an architecture without numbers, has tools only', () => {
  const {perl: _, ...others} = machine.tools
  expect(launchersOf({...machine, tools: others})).toEqual(['tools'])
  expect(launchersOf({...machine, arch: 'riscv64'})).toEqual(['tools'])
  expect(launchersOf({...machine, platform: 'darwin'})).toEqual(['tools'])
})
