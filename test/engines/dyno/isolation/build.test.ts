import {chmodSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {join} from 'node:path'
import {expect} from 'vitest'
import {type BuildCommand, type BuildSpec, pathInside} from '../../../../src/engines/dyno/isolation/isolation.ts'
import {isRoot, nobody, openBuild, outcomeOf, ownUidWays, processWays, sandboxWays, type Way} from '../../../support/isolation.ts'
import {test} from '../../../support/temp-folder.ts'

/** A build as the compiler of slugs makes it: the source at /tmp/build_1, a buildpack to read, a cache to write. */
function makeBuild(folder: string, network: BuildSpec['network'] = 'all'): BuildSpec {
  for (const name of ['source', 'buildpack/bin', 'cache', 'home']) mkdirSync(join(folder, name), {recursive: true})
  chmodSync(folder, 0o755)
  writeFileSync(join(folder, 'home/secret'), 'SECRET')
  writeFileSync(join(folder, 'source/file'), 'source')
  writeFileSync(
    join(folder, 'buildpack/bin/compile'),
    '#!/bin/sh\necho "compiling $1 with $2"; cat "$1/file"; echo built >"$1/made"; echo kept >"$2/kept"\n',
    {mode: 0o755},
  )
  return {
    network,
    views: [
      {source: join(folder, 'source'), target: '/tmp/build_1', isWritable: true},
      {source: join(folder, 'buildpack'), target: '/tmp/buildpack', isWritable: false},
      {source: join(folder, 'cache'), target: '/tmp/cache', isWritable: true},
    ],
  }
}

const env = {PATH: '/usr/local/bin:/usr/bin:/bin', STACK: 'heroku-24', LD_PRELOAD: ''}

async function build(folder: string, way: Way, spec: BuildSpec, command: (inside: (path: string) => string) => Partial<BuildCommand>) {
  const room = await openBuild(folder, way, spec)
  await using _ = room.made
  const inside = (path: string) => pathInside(room.made.room, join(folder, path))
  return await outcomeOf(room.start({argv: [], env, workingFolder: inside('source'), ...command(inside)}))
}

const ways = [...sandboxWays, ...ownUidWays, ...processWays]

test.for(ways)('a buildpack reads, builds and caches in a $name', async (way, {folder}) => {
  const spec = makeBuild(folder)
  const {stdout, stderr, code} = await build(folder, way, spec, inside => ({
    argv: [inside('buildpack/bin/compile'), inside('source'), inside('cache')],
    workingFolder: inside('buildpack'),
  }))
  const paths = way.tier === 'sandbox' ? '/tmp/build_1 with /tmp/cache' : `${folder}/source with ${folder}/cache`
  expect(stdout, stderr).toBe(`compiling ${paths}\nsource`)
  expect(code).toBe(0)
  expect([readFileSync(join(folder, 'source/made'), 'utf8'), readFileSync(join(folder, 'cache/kept'), 'utf8')]).toEqual([
    'built\n',
    'kept\n',
  ])
})

test.for(sandboxWays)('a build sees nothing of the user’s and cannot change its buildpack, in a $name', async (way, {folder}) => {
  const spec = makeBuild(folder)
  const script = [
    'echo "$HOME $PWD $STACK" "$LD_PRELOAD"; touch "$HOME/x" /tmp/y && echo own',
    `ls ${folder} /root /home; cat ${folder}/home/secret; cat /etc/shadow`,
    '(echo x >/tmp/buildpack/bin/compile) 2>/dev/null && echo CHANGED',
    'grep -E "^(CapEff|NoNewPrivs|Seccomp):" /proc/self/status | cut -f2 | tr "\\n" " "; id -u',
  ].join('\n')
  const {stdout} = await build(folder, way, spec, () => ({argv: ['sh', '-c', script]}))
  const uid = way.hasUserNamespace === false ? 60_599 : 1000
  expect(stdout).toBe(`/app /tmp/build_1 heroku-24 \nown\n0000000000000000 1 2 ${uid}\n`)
  expect(existsSync('/tmp/y')).toBe(false)
})

test.for([...ownUidWays, ...processWays])('HOME and TMPDIR of a build are its own and go with it, in a $name', async (way, {folder}) => {
  const {stdout} = await build(folder, way, makeBuild(folder), () => ({
    argv: ['sh', '-c', 'touch "$HOME/a" "$TMPDIR/b" && echo "$HOME" && id -u'],
  }))
  const [home = '', uid] = stdout.trim().split('\n')
  expect(home).toMatch(/\/home$/)
  expect(existsSync(home)).toBe(false)
  expect(Number(uid)).toBeGreaterThan(0)
})

test.for(sandboxWays)(
  'a build with its network closed reaches not even this machine, in a $name',
  async (way, {folder, onTestFinished}) => {
    const server = createServer(socket => socket.end('reached\n'))
    onTestFinished(() => {
      server.close()
    })
    await new Promise<void>(resolve => server.listen(0, '127.0.0.1', resolve))
    const address = server.address()
    const port = typeof address === 'object' ? address?.port : 0
    const argv = ['bash', '-c', `cat </dev/tcp/127.0.0.1/${port} || echo closed`]
    const reach = async (network: BuildSpec['network'], place: string) => {
      mkdirSync(join(folder, place))
      return (await build(join(folder, place), way, makeBuild(join(folder, place), network), () => ({argv}))).stdout
    }
    chmodSync(folder, 0o755)
    expect(await reach('all', 'a')).toBe('reached\n')
    expect(await reach('none', 'b')).toBe('closed\n')
  },
)

test.for([...ownUidWays, ...processWays])('a $name does not pretend to close the network', async (way, {folder}) => {
  const spec = makeBuild(folder, 'none')
  await expect(openBuild(folder, way, spec)).rejects.toMatchObject({code: 'ISOLATION_UNAVAILABLE'})
})

if (isRoot) {
  test('what root’s builds may write belongs to the user that builds, and what they read does not', async ({folder}) => {
    const [way] = sandboxWays
    if (way === undefined) throw new Error('no sandbox')
    const room = await openBuild(folder, way, makeBuild(folder))
    await using _ = room.made
    const owners = ['source/file', 'cache', 'buildpack/bin/compile'].map(path => statSync(join(folder, path)).uid)
    expect(owners).toEqual([60_599, 60_599, 0])
    expect(nobody).not.toBe(60_599)
  })
}
