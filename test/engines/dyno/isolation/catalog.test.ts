import {spawn} from 'node:child_process'
import {chmodSync, chownSync, existsSync, mkdirSync, readFileSync, symlinkSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {fileURLToPath} from 'node:url'
import {expect} from 'vitest'
import {chooseIsolation, findTier, forgetTiers} from '../../../../src/engines/dyno/isolation/catalog.ts'
import {readMachine} from '../../../../src/engines/dyno/isolation/machine.ts'
import {explainSandboxFailure, installCommand} from '../../../../src/engines/dyno/isolation/sandbox-fix.ts'
import {isRoot, nobody, outcomeOf} from '../../../support/isolation.ts'
import {test} from '../../../support/temp-folder.ts'

const whichTier = fileURLToPath(new URL('../../../support/which-tier.ts', import.meta.url))
const path = process.env['PATH'] ?? ''

type Answer = {
  readonly tier?: string
  readonly code?: string
  readonly exitCode?: number
  readonly message?: string
  readonly hint?: string
}

/** What a process would choose that is started by `chain`, as `uid`. */
async function choose(
  folder: string,
  wish: string,
  runs: string,
  chain: readonly string[] = [],
  options: {uid?: number; PATH?: string} = {},
): Promise<Answer> {
  const {uid = process.geteuid?.() ?? 0, PATH = path} = options
  const state = join(folder, 'state')
  mkdirSync(state, {recursive: true})
  chmodSync(folder, 0o755)
  if (isRoot) chownSync(state, uid, uid)
  const [file = '', ...args] = [...chain, process.execPath, whichTier, wish, runs, state]
  const child = spawn(file, args, {env: {PATH}, stdio: ['ignore', 'pipe', 'pipe'], ...(isRoot ? {uid, gid: uid} : {})})
  const {stdout, stderr} = await outcomeOf(child)
  if (stdout === '') throw new Error(stderr)
  return JSON.parse(stdout) as Answer
}

const find = (name: string) =>
  path
    .split(':')
    .map(folder => join(folder, name))
    .find(existsSync) ?? name
const bwrap = find('bwrap')
const setpriv = find('setpriv')
/** A child tree in which no user namespace can be made. */
const withoutNamespaces = [bwrap, '--unshare-user', '--disable-userns', '--dev-bind', '/', '/']
const withoutSystemRights = [setpriv, '--bounding-set=-sys_admin', '--inh-caps=-sys_admin']

/** PATH with all programs of this machine but some. */
function pathWithout(folder: string, ...names: readonly string[]): string {
  const programs = join(folder, 'programs')
  mkdirSync(programs)
  for (const name of ['sh', 'bash', 'perl', 'setpriv', 'unshare', 'mount', 'bwrap', 'mkdir']) {
    if (!names.includes(name)) symlinkSync(find(name), join(programs, name))
  }
  return programs
}

test('a user gets a sandbox for a slug, and what he names', async ({folder}) => {
  const user = {uid: isRoot ? nobody : (process.geteuid?.() ?? 0)}
  expect(await choose(folder, 'auto', 'slug', [], user)).toEqual({tier: 'sandbox'})
  expect(await choose(folder, 'process', 'slug', [], user)).toEqual({tier: 'process'})
  expect(await choose(folder, 'own-uid', 'slug', [], user)).toMatchObject({
    code: 'ISOLATION_UNAVAILABLE',
    exitCode: 5,
    hint: expect.stringContaining('sudo'),
  })
})

test('without bubblewrap a user falls back with auto only', async ({folder}) => {
  const options = {uid: isRoot ? nobody : (process.geteuid?.() ?? 0), PATH: pathWithout(folder, 'bwrap')}
  expect(await choose(folder, 'auto', 'slug', [], options)).toEqual({tier: 'process'})
  const refused = await choose(folder, 'sandbox', 'slug', [], options)
  expect(refused).toMatchObject({code: 'ISOLATION_UNAVAILABLE', exitCode: 5})
  expect(refused.message).toContain('bwrap')
  expect(refused.hint).toMatch(/^To mend it: sudo .*bubblewrap$/)
})

test('without perl a sandbox is made by tools', async ({folder}) => {
  const options = {uid: isRoot ? nobody : (process.geteuid?.() ?? 0), PATH: pathWithout(folder, 'perl')}
  expect(await choose(folder, 'sandbox', 'slug', [], options)).toEqual({tier: 'sandbox'})
  expect(readFileSync(join(folder, 'state/cache/isolation.json'), 'utf8')).toContain('"launcher":"tools"')
})

if (isRoot) {
  test('a user without user namespaces is told which switch to turn', async ({folder}) => {
    const user = {uid: nobody}
    expect(await choose(folder, 'auto', 'slug', withoutNamespaces, user)).toEqual({tier: 'process'})
    const refused = await choose(folder, 'sandbox', 'slug', withoutNamespaces, user)
    expect(refused).toMatchObject({code: 'ISOLATION_UNAVAILABLE', exitCode: 5, hint: expect.stringContaining('max_user_namespaces')})
  })

  test('root gets a sandbox; without the right to mount a user of its own; a slug never stays root', async ({folder}) => {
    expect(await choose(folder, 'auto', 'slug')).toEqual({tier: 'sandbox'})
    expect(await choose(folder, 'own-uid', 'slug')).toEqual({tier: 'own-uid'})
    expect(await choose(folder, 'process', 'folder')).toEqual({tier: 'process'})
    expect(await choose(folder, 'process', 'slug')).toMatchObject({
      code: 'ISOLATION_UNAVAILABLE',
      exitCode: 5,
      message: expect.stringContaining('never run as root'),
    })
    await forgetTiers({machine: readMachine({searchPath: path}), cacheDir: join(folder, 'state/cache'), roomsFolder: ''})
    expect(await choose(folder, 'auto', 'slug', withoutSystemRights)).toEqual({tier: 'own-uid'})
    expect(await choose(folder, 'sandbox', 'slug', withoutSystemRights)).toMatchObject({code: 'ISOLATION_UNAVAILABLE', exitCode: 5})
  })

  test('root of a container that has one user and no namespaces is refused for a slug', async ({folder}) => {
    const chain = ['unshare', '-Ur', 'sh', '-c', 'echo 0 >/proc/sys/user/max_user_namespaces; exec "$@"', 'sh']
    const refused = await choose(folder, 'auto', 'slug', chain)
    expect(refused).toMatchObject({code: 'ISOLATION_UNAVAILABLE', exitCode: 5})
    expect(refused.message).toMatch(/sandbox: .*own-uid: /)
    expect(await choose(folder, 'auto', 'folder', chain)).toEqual({tier: 'process'})
  })
}

test('what worked is remembered for this kernel, boot, user and tools, and forgotten on demand', async ({folder}) => {
  const machine = readMachine({searchPath: path})
  const ground = {machine, cacheDir: join(folder, 'cache'), roomsFolder: join(folder, 'rooms')}
  const [first] = await Promise.all([findTier('sandbox', ground), findTier('sandbox', ground), findTier('process', ground)])
  expect(first.works).toBe(true)
  // Tools that do not work are not even tried: the memory is trusted.
  const broken = {...ground, machine: {...machine, tools: {...machine.tools, bwrap: '/bin/false'}}}
  expect((await findTier('sandbox', broken)).works).toBe(true)
  const changed = {...broken, machine: {...broken.machine, fingerprint: 'another boot'}}
  expect((await findTier('sandbox', changed)).works).toBe(false)
  await findTier('sandbox', ground)
  await forgetTiers(ground)
  expect((await findTier('sandbox', broken)).works).toBe(false)
})

test('a memory that is no JSON is a memory of nothing', async ({folder}) => {
  const ground = {machine: readMachine({searchPath: path}), cacheDir: join(folder, 'cache'), roomsFolder: join(folder, 'rooms')}
  mkdirSync(ground.cacheDir)
  writeFileSync(join(ground.cacheDir, 'isolation.json'), '{"key"')
  expect((await chooseIsolation('auto', 'slug', ground)).tier).toBe('sandbox')
})

test.for([
  ['darwin', 'arm64', 'needs Linux'],
  ['linux', 's390x', 'no list of system calls'],
] as const)('on %s %s there is no sandbox', async ([platform, arch, reason], {folder}) => {
  const machine = {...readMachine({searchPath: path}), platform, arch}
  const found = await findTier('sandbox', {machine, cacheDir: folder, roomsFolder: folder})
  expect(found).toMatchObject({works: false, reason: expect.stringContaining(reason)})
})

const user = {...readMachine({searchPath: path}), uid: 1000}

test.for([
  ['kernel.apparmor_restrict_unprivileged_userns', '1', 'sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0'],
  ['kernel.unprivileged_userns_clone', '0', 'sudo sysctl -w kernel.unprivileged_userns_clone=1'],
  ['user.max_user_namespaces', '0', 'sudo sysctl -w user.max_user_namespaces=15000'],
] as const)('%s = %s is mended by “%s”', ([name, value, fix]) => {
  const read = (asked: string) => (asked === name ? value : '7')
  expect(explainSandboxFailure(user, 'bwrap: setting up uid map: Permission denied', read).fix).toBe(fix)
})

test.for([
  ['bwrap: Creating new namespace failed: Operation not permitted\n', /forbids it \(“bwrap: Creating/, /security-opt/],
  ['', /no answer/, /bubblewrap \(0.8/],
  ['bwrap: execvp x: No such file', /said “bwrap: execvp/, /bubblewrap \(0.8/],
  ['homeport-launch: cannot make a namespace: No space left on device\n', /limit of user namespaces/, /^sudo sysctl/],
] as const)('“%s” is explained', ([output, reason, fix]) => {
  const complaint = explainSandboxFailure(user, output, () => undefined)
  expect(complaint.reason).toMatch(reason)
  expect(complaint.fix).toMatch(fix)
})

test.for([
  [['/usr/bin/apt-get'], false, 'sudo apt-get install -y bubblewrap'],
  [['/sbin/apk'], true, 'apk add bubblewrap'],
  [['/usr/bin/dnf', '/usr/bin/yum'], false, 'sudo dnf install -y bubblewrap'],
] as const)('%j installs with “%s %s”', ([files, root, command]) => {
  expect(installCommand('bubblewrap', root, file => (files as readonly string[]).includes(file))).toBe(command)
})
