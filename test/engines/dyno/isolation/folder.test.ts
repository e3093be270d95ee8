import {chmodSync, chownSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {dirname, join} from 'node:path'
import {expect} from 'vitest'
import {toolFolders} from '../../../../src/engines/dyno/isolation/folder-views.ts'
import {
  isRoot,
  nobody,
  openDyno,
  outcomeOf,
  ownUidWays,
  processWays,
  runDyno,
  sandboxWays,
  usualSandboxWays,
} from '../../../support/isolation.ts'
import {test} from '../../../support/temp-folder.ts'

/** A home with a secret, a tool below it, and the app. */
function makeHome(folder: string): {readonly home: string; readonly app: string; readonly env: Record<string, string>} {
  const home = join(folder, 'home')
  const app = join(home, 'code/app')
  mkdirSync(app, {recursive: true})
  mkdirSync(join(home, '.tool/bin'), {recursive: true})
  mkdirSync(join(home, '.tool/share'))
  mkdirSync(join(home, 'code/other'))
  writeFileSync(join(home, '.secret'), 'SECRET')
  writeFileSync(join(home, '.tool/share/version'), 'tool 1.0')
  writeFileSync(join(home, '.tool/bin/tool'), `#!/bin/sh\ncat ${home}/.tool/share/version\n`, {mode: 0o755})
  writeFileSync(join(app, 'file'), 'old\n')
  return {home, app, env: {PATH: `${home}/.tool/bin:/usr/local/bin:/usr/bin:/bin`, HOME: home, TMPDIR: '/no/such/place'}}
}

test.for(usualSandboxWays)(
  'an app’s folder runs where it is and can be written, and the home around it is hidden, in a $name',
  async (way, {folder}) => {
    const {home, app, env} = makeHome(folder)
    if (isRoot) for (const path of [folder, app, join(app, 'file')]) chownSync(path, nobody, nobody)
    const command = [
      'echo "$PWD" "$HOME" "[$TMPDIR]"',
      'cat file; echo new >file; echo made >made; tool; echo',
      'ls -A "$HOME"; ls "$HOME/code"; cat "$HOME/.secret"; echo x >"$HOME/.tool/share/version"; echo kept >"$HOME/mine"; id -u',
    ].join('\n')
    const {stdout, stderr} = await runDyno(folder, way, {command, cwd: app, env})
    const uid = way.hasUserNamespace === false ? nobody : 1000
    expect(stdout.split('\n'), stderr).toEqual([`${app} ${home} []`, 'old', 'tool 1.0', '.tool', 'code', 'app', String(uid), ''])
    expect(stdout).not.toContain('SECRET')
    expect([readFileSync(join(app, 'file'), 'utf8'), readFileSync(join(app, 'made'), 'utf8')]).toEqual(['new\n', 'made\n'])
    expect(existsSync(join(home, 'mine'))).toBe(false)
    expect(readFileSync(join(home, '.tool/share/version'), 'utf8')).toBe('tool 1.0')
  },
)

test.for(ownUidWays)('an app’s folder is read, not written, by $name; HOME and TMPDIR are the dyno’s own', async (way, {folder}) => {
  const {app, env} = makeHome(folder)
  for (const path of [folder, join(folder, 'home')]) chmodSync(path, 0o711)
  const command =
    'cat file; echo new >file || echo closed; echo "$PWD"; touch "$HOME/a" "$TMPDIR/b" && ls -A "$HOME" "$TMPDIR" | tr "\\n" " "'
  const {stdout} = await runDyno(folder, way, {command, cwd: app, env})
  expect(stdout).toMatch(new RegExp(`^old\\nclosed\\n${app}\\n\\S+/home: a\\s+\\S+/tmp: b\\s*$`))
  expect(stdout).not.toContain(`${join(folder, 'home')}:`)
})

test.for(ownUidWays.slice(0, 1))('a folder that a user of its own cannot reach is said to be so, by $name', async (way, {folder}) => {
  const {app, env} = makeHome(folder)
  chmodSync(folder, 0o755)
  chmodSync(join(folder, 'home'), 0o700)
  await expect(openDyno(folder, way, {cwd: app, env})).rejects.toMatchObject({
    code: 'ISOLATION_UNAVAILABLE',
    hint: expect.stringContaining('/srv'),
  })
})

test.for(processWays)('a folder needs no room in a $name: a plain shell, the environment as it is', async (way, {folder}) => {
  const dyno = await openDyno(folder, way, {command: 'echo "$A" && pwd', cwd: folder, env: {A: '1', LD_PRELOAD_X: ''}})
  await using _ = dyno.made
  expect(dyno.made.room.folder).toBeUndefined()
  const {args, env} = dyno.isolation.wrap(dyno.spec, dyno.made.room)
  expect([args, env]).toEqual([['-c', 'echo "$A" && pwd'], {A: '1', LD_PRELOAD_X: ''}])
  expect((await outcomeOf(dyno.start())).stdout).toBe(`1\n${folder}\n`)
})

test('a link to the app’s folder is the working directory as it was named', async ({folder}) => {
  const [way] = sandboxWays.filter(({as}) => as === 'user')
  if (way === undefined) throw new Error('no sandbox')
  mkdirSync(join(folder, 'real'))
  symlinkSync('real', join(folder, 'link'))
  if (isRoot) chownSync(join(folder, 'real'), nobody, nobody)
  const {stdout, stderr} = await runDyno(folder, way, {command: 'pwd && echo x >made', cwd: join(folder, 'link')})
  expect(stdout, stderr).toBe(`${join(folder, 'link')}\n`)
  expect(existsSync(join(folder, 'real/made'))).toBe(true)
})

test.for([
  ['/usr/bin:/bin:/sbin', []],
  ['/home/u/.nvm/versions/node/v24/bin:/usr/bin', ['/home/u/.nvm/versions/node/v24']],
  ['/home/u/.pyenv/shims:/home/u/.pyenv/bin', ['/home/u/.pyenv']],
  ['/home/u/bin:/home/u/.local/bin', ['/home/u/.local/bin', '/home/u/bin']],
  ['/opt/tool/bin:/opt/bin', ['/opt/bin', '/opt/tool']],
  ['/home/bin', ['/home/bin']],
  ['/work/app/node_modules/.bin:', ['/work/app/node_modules/.bin']],
  ['relative/bin::/bin', []],
  ['/gone/bin', []],
] as const)('PATH %s leads to %j', ([searchPath, folders]) => {
  expect(toolFolders(searchPath, '/home/u', path => dirname(path) !== '/gone')).toEqual(folders)
})
