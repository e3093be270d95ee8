import {existsSync, mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {afterAll, describe, expect} from 'vitest'
import {
  closeCgroups,
  makeCgroup,
  openCgroups,
  processesIn,
  readCgroupMemory,
  readOutOfMemoryKills,
  removeCgroup,
  sweepCgroups,
} from '../../../src/engines/dyno/cgroup.ts'
import {placeIn, readMounts, readOwnCgroups, version2Places} from '../../../src/engines/dyno/cgroup-place.ts'
import {dynoSize} from '../../../src/model/dyno-size.ts'
import {isRoot, openDyno, outcomeOf, ownUidWays, untilSaid, usualSandboxWays, usualWays} from '../../support/isolation.ts'
import {test} from '../../support/temp-folder.ts'

const mib = 1024 * 1024

const mounts = readMounts(
  [
    '32 24 0:28 / /sys/fs/cgroup/memory rw,nosuid - cgroup cgroup rw,memory',
    '33 24 0:29 /docker/abc /sys/fs/cgroup/cpu,pids rw,nosuid shared:1 - cgroup cgroup rw,cpu,pids',
    '34 24 0:30 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw,nsdelegate',
    '35 24 0:31 / /tmp rw - tmpfs tmpfs rw',
  ].join('\n'),
)

test('the place for cgroups of version 1 is below the own one, in a container’s part of the hierarchy too', () => {
  const own = readOwnCgroups('4:memory:/user/a:b\n3:cpu,pids:/docker/abc/sub\n0::/x\n')
  expect(placeIn(mounts, own, 'memory')).toBe('/sys/fs/cgroup/memory/user/a:b')
  expect(placeIn(mounts, own, 'pids')).toBe('/sys/fs/cgroup/cpu,pids/sub')
  expect(placeIn(mounts, own, 'freezer')).toBeUndefined()
  expect(placeIn(mounts, readOwnCgroups('3:cpu,pids:/elsewhere\n'), 'pids')).toBe('/sys/fs/cgroup/cpu,pids')
})

test('the place for cgroups of version 2 is the nearest that hands memory and pids down', ({folder}) => {
  mkdirSync(join(folder, 'user.slice/app.slice/shell.scope'), {recursive: true})
  writeFileSync(join(folder, 'user.slice/cgroup.subtree_control'), 'cpu memory pids\n')
  writeFileSync(join(folder, 'user.slice/app.slice/cgroup.subtree_control'), 'memory pids\n')
  writeFileSync(join(folder, 'user.slice/app.slice/shell.scope/cgroup.subtree_control'), 'memory\n')
  const places = version2Places(
    [{version: 2, controllers: [], root: '/', at: folder}],
    new Map([['', '/user.slice/app.slice/shell.scope']]),
  )
  expect(places).toEqual([join(folder, 'user.slice/app.slice'), join(folder, 'user.slice')])
})

test.for([
  ['version 1', 1, 'cpu.shares', '2048'],
  ['version 2', 2, 'cpu.weight', '200'],
] as const)('the CPU is shared out by size, in %s', ([, version, file, text], {folder}) => {
  const {folders} = makeCgroup({version, folders: {cpu: folder}}, 'web.1', dynoSize('standard-2x'))
  expect(folders).toEqual([join(folder, 'web.1')])
  expect(readFileSync(join(folder, 'web.1', file), 'utf8')).toBe(text)
})

test('a cgroup of version 2 is limited at twice the quota, killed as a whole, without swap', ({folder}) => {
  const {folders, countsProcesses} = makeCgroup({version: 2, folders: {memory: folder, pids: folder}}, 'web.1', {
    memoryBytes: 512 * mib,
    processes: 256,
    cpuShare: 1,
  })
  expect([folders, countsProcesses]).toEqual([[join(folder, 'web.1')], true])
  const written = ['memory.max', 'memory.swap.max', 'memory.oom.group', 'pids.max'].map(name =>
    readFileSync(join(folder, 'web.1', name), 'utf8'),
  )
  expect(written).toEqual([String(1024 * mib), '0', '1', '256'])
})

test.for([
  [
    'version 1',
    {
      'memory.stat': 'cache 7\ntotal_rss 100\ntotal_swap 5\ntotal_inactive_file 40\ntotal_shmem 10\n',
      'memory.usage_in_bytes': '160\n',
      'memory.oom_control': 'oom_kill_disable 0\nunder_oom 0\noom_kill 3\n',
    },
    {usedBytes: 125, heldBytes: 115},
    3,
  ],
  [
    'version 2',
    {
      'memory.current': '200\n',
      'memory.swap.current': '5\n',
      'memory.stat': 'anon 100\nfile 80\nshmem 10\ninactive_file 40\n',
      'memory.events': 'oom 9\noom_kill 2\n',
    },
    {usedBytes: 165, heldBytes: 115},
    2,
  ],
] as const)('memory is read from %s', ([, files, reading, kills], {folder}) => {
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text)
  expect(readCgroupMemory(['/no/such', folder])).toEqual(reading)
  expect(readOutOfMemoryKills([folder])).toBe(kills)
})

test('no cgroup, no reading', () => {
  expect([readCgroupMemory([]), readCgroupMemory(['/no/such']), readOutOfMemoryKills([]), processesIn(['/no/such'])]).toEqual([
    undefined,
    undefined,
    0,
    [],
  ])
})

const owner = `test-${process.pid}`
const host = isRoot ? await openCgroups(owner) : undefined
const size = {name: 'test', memoryBytes: 32 * mib, processes: 24, cpuShare: 2}

if (host !== undefined) {
  describe('with the cgroups of this machine', () => {
    afterAll(async () => {
      await closeCgroups(host)
      expect(Object.values(host.folders).filter(existsSync)).toEqual([])
    })

    const ways = usualWays.filter(({as}) => as === 'root')

    test.for(ways)('memory and processes of a $name are counted and limited', async (way, {folder}) => {
      mkdirSync(join(folder, 'slug'))
      const forks =
        'perl -e \'$| = 1; my @pids; while (@pids < 60) { my $pid = fork; defined $pid or last; if (!$pid) { sleep 60; exit } push @pids, $pid } print "forked ", scalar(@pids), "\\n"; kill 9, @pids; 1 while wait > 0\''
      // Not a constant: perl would make all 90 MB of it before it reads a line.
      const command = `${forks}; perl -e 'my $mib = 1 << 20; my $x = "a" x (8 * $mib); <STDIN>; $x = "b" x (90 * $mib); print "never"'; echo "code $?"`
      const dyno = await openDyno(folder, way, {command, slugFolder: join(folder, 'slug'), size}, {cgroups: host})
      const {cgroups} = dyno.made.room
      const child = dyno.start(undefined, 'pipe')
      const ended = outcomeOf(child)
      await untilSaid(child, 'forked')
      expect(processesIn(cgroups)).not.toEqual([])
      const shares = cgroups.flatMap(cgroup => ['cpu.shares', 'cpu.weight'].map(name => join(cgroup, name)).filter(existsSync))
      if (host.folders.cpu !== undefined)
        expect(shares.map(file => readFileSync(file, 'utf8').trim())).toEqual([host.version === 1 ? '2048' : '200'])
      for (const cgroup of cgroups) expect(processesIn([cgroup])).not.toEqual([])
      await expect.poll(() => readCgroupMemory(cgroups)?.usedBytes ?? 0, {timeout: 20_000}).toBeGreaterThan(8 * mib)
      child.stdin?.end('go on\n')
      const {stdout} = await ended
      expect(Number(/forked (\d+)/.exec(stdout)?.[1])).toBeLessThan(24)
      // The kernel killed the one that grew; the shell saw it.
      expect(stdout).toContain('code 137')
      expect(stdout).not.toContain('never')
      expect(readOutOfMemoryKills(cgroups)).toBeGreaterThan(0)
      await dyno.made[Symbol.asyncDispose]()
      expect(cgroups.filter(existsSync)).toEqual([])
    })

    test.for(usualSandboxWays.filter(({as}) => as === 'root').slice(0, 1))(
      'a $name tells its runtime how much memory it has',
      async (way, {folder}) => {
        mkdirSync(join(folder, 'slug'))
        const command = 'cat /sys/fs/cgroup/memory/memory.limit_in_bytes /sys/fs/cgroup/memory.max; cut -d: -f3 /proc/self/cgroup | sort -u'
        const dyno = await openDyno(folder, way, {command, slugFolder: join(folder, 'slug'), size}, {cgroups: host})
        await using _ = dyno.made
        expect((await outcomeOf(dyno.start())).stdout).toBe(`${32 * mib}\n${32 * mib}\n/\n`)
      },
    )

    test('removing a cgroup ends what runs in it, also for an owner that is gone', async ({folder, onTestFinished}) => {
      const gone = await openCgroups(`${owner}-gone`)
      if (gone === undefined) throw new Error('cgroups went away')
      onTestFinished(() => closeCgroups(gone))
      const [way] = ownUidWays
      if (way === undefined) throw new Error('no way')
      mkdirSync(join(folder, 'slug'))
      const dyno = await openDyno(
        folder,
        way,
        {command: 'echo up; sleep 60; true', slugFolder: join(folder, 'slug'), size},
        {cgroups: gone},
      )
      const child = dyno.start()
      const ended = outcomeOf(child)
      await untilSaid(child, 'up')
      await sweepCgroups(`${owner}-gone`)
      await ended
      expect(Object.values(gone.folders).filter(existsSync)).toEqual([])
      expect(await removeCgroup(dyno.made.room.cgroups)).toBe(true)
      await dyno.made[Symbol.asyncDispose]()
    })
  })
}
