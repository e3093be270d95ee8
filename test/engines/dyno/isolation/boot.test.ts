import {chmodSync, mkdirSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {commandArgv, keepVariables} from '../../../../src/engines/dyno/isolation/boot-script.ts'
import {allWays, runDyno, usualWays} from '../../../support/isolation.ts'
import {test} from '../../../support/temp-folder.ts'

function makeSlug(folder: string, files: Readonly<Record<string, string>> = {}): string {
  const slug = join(folder, 'slug')
  mkdirSync(join(slug, '.profile.d'), {recursive: true})
  for (const [name, text] of Object.entries(files)) writeFileSync(join(slug, name), text)
  chmodSync(slug, 0o755)
  return slug
}

const env = {PATH: '/usr/local/bin:/usr/bin:/bin', DYNO: 'web.1', GREETING: 'config', PERL5OPT: '-MNoSuchModule', BASH_ENV: '/no/such/file'}

test.for(allWays)('a slug boots as on the platform in a $name', async (way, {folder}) => {
  const slugFolder = makeSlug(folder, {
    '.profile.d/b.sh': 'echo "b sees $GREETING"; export GREETING="$GREETING b"',
    '.profile.d/a.sh': 'echo "a sees $GREETING"; export GREETING="$GREETING a"; export PATH="$HOME/bin:$PATH"',
    '.profile.d/readme.txt': 'exit 9',
    '.profile': 'echo "profile sees $GREETING"; greet() { echo "$GREETING, $1"; }',
  })
  const command =
    'greet "it\'s $DYNO"; shopt -q login_shell && echo login; echo "$# $0"; echo "$PERL5OPT $BASH_ENV"; env | grep HOMEPORT_; exit 7'
  const {code, stdout, stderr} = await runDyno(folder, way, {command, slugFolder, env})
  expect(stdout.split('\n'), stderr).toEqual([
    'a sees config',
    'b sees config a',
    'profile sees config a b',
    "config a b, it's web.1",
    'login',
    expect.stringMatching(/^0 \S*bash$/),
    '-MNoSuchModule /no/such/file',
    '',
  ])
  expect(code).toBe(7)
})

test.for(usualWays)('PATH is the platform’s and its scripts’, not that of /etc/profile, in a $name', async (way, {folder}) => {
  const slugFolder = makeSlug(folder, {'.profile.d/a.sh': 'export PATH="$HOME/bin:$PATH"'})
  const {stdout} = await runDyno(folder, way, {command: 'cd /; echo "$PATH" | sed "s,^$HOME,,"', slugFolder})
  expect(stdout).toBe('/bin:/usr/local/bin:/usr/bin:/bin\n')
})

test.for(usualWays.flatMap(way => (['slug', 'argv'] as const).map(kind => ({...way, kind}))))(
  'exit codes, signals and arguments pass a $name ($kind)',
  async ({kind, ...way}, {folder}) => {
    const slugFolder = makeSlug(folder, {plain: 'text'})
    const line = (text: string) => (kind === 'slug' ? text : ['bash', '-c', text])
    const run = async (command: string | readonly string[]) => (await runDyno(folder, way, {command, slugFolder})).code
    expect(await run(line('exit 42'))).toBe(42)
    expect(await run(kind === 'slug' ? 'no-such-program x' : ['no-such-program', 'x'])).toBe(127)
    expect(await run(kind === 'slug' ? './plain' : ['./plain'])).toBe(126)
    const dyno = await runDyno(folder, way, {command: ['printf', '[%s]', 'a b', '$HOME', '', "it's"], slugFolder})
    expect(dyno.stdout).toBe("[a b][$HOME][][it's]")
  },
)

const shell = {file: '/bin/bash', isBash: true}

test.for([
  ['a folder’s command', 'npm start', {isLogin: false}, ['/bin/bash', '-c', 'npm start']],
  ['a folder’s argv', ['npm', 'start'], {isLogin: false}, ['npm', 'start']],
  [
    'a limit of processes',
    'npm start',
    {isLogin: false, processes: 256},
    ['/bin/bash', '-c', 'ulimit -u 256 2>/dev/null || ulimit -p 256 2>/dev/null\nnpm start'],
  ],
] as const)('%s is %j', ([, command, options, argv]) => {
  expect(commandArgv(command, shell, {env: {}, ...options})).toEqual(argv)
})

test('a shell that is no bash reads the same scripts, without bash’s flags', () => {
  const [file, flag, script] = commandArgv('x', {file: '/bin/sh', isBash: false}, {env: {}, isLogin: true})
  expect([file, flag]).toEqual(['/bin/sh', '-c'])
  expect(script).toMatch(/\.profile\.d[\s\S]*\nx$/)
})

test.for(['LD_PRELOAD', 'PERL5LIB', 'BASH_ENV', 'ENV', 'MALLOC_ARENA_MAX', 'GLIBC_TUNABLES'])('%s waits for the dyno', name => {
  const kept = keepVariables({[name]: 'x', PATH: '/bin'})
  expect(kept).toEqual({[`HOMEPORT_KEPT_${name}`]: 'x', PATH: '/bin'})
  const [, , script] = commandArgv('x', shell, {env: kept, isLogin: false})
  expect(script).toBe(`export ${name}="$HOMEPORT_KEPT_${name}"; unset HOMEPORT_KEPT_${name}\nx`)
})

test.for(['PATH', 'ENVIRONMENT', 'MY_LD_PRELOAD', 'LD_A.B', 'RAILS_ENV'])('%s stays', name => {
  expect(keepVariables({[name]: 'x'})).toEqual({[name]: 'x'})
})
