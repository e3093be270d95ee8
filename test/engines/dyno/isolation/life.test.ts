import {spawn} from 'node:child_process'
import {existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {expect} from 'vitest'
import {isHelperProcess} from '../../../../src/engines/dyno/isolation/helper-processes.ts'
import {readLeftover, removeRoom, removeRooms} from '../../../../src/engines/dyno/isolation/room.ts'
import {
  allProcesses,
  allWays,
  insideOf,
  isRoot,
  nobody,
  openDyno,
  outcomeOf,
  processesWith,
  sandboxWays,
  untilSaid,
  usualSandboxWays,
  usualWays,
} from '../../../support/isolation.ts'
import {test} from '../../../support/temp-folder.ts'

function makeSlug(folder: string): string {
  const slug = join(folder, 'slug')
  mkdirSync(slug)
  writeFileSync(join(slug, 'file'), 'text')
  return slug
}

/** An environment that is found again in a list of processes. */
const marked = (name: string) => ({PATH: '/usr/local/bin:/usr/bin:/bin', HOMEPORT_TEST_MARK: `${name}-${process.pid}-${Math.random()}`})

test.for(usualWays)('SIGTERM reaches what runs inside, and the app ends as it likes, in a $name', async (way, {folder}) => {
  const command = [
    'bash -c \'trap "echo graceful; exit 3" TERM; > "$HOME/inner"; while :; do sleep 0.05; done\' &',
    'trap "wait; echo bye; exit 5" TERM; until [ -e "$HOME/inner" ]; do sleep 0.02; done; echo ready; wait',
  ].join('\n')
  const dyno = await openDyno(folder, way, {command, slugFolder: makeSlug(folder)})
  await using _ = dyno.made
  const child = dyno.start()
  const ended = outcomeOf(child)
  await untilSaid(child, 'ready')
  const pid = child.pid ?? 0
  const {helperGenerations} = dyno.isolation
  const processes = allProcesses().filter(process => insideOf(pid, 0).includes(process.pid))
  const targets = processes.filter(process => !isHelperProcess(process, pid, helperGenerations))
  expect(processes.length - targets.length).toBe(helperGenerations)
  for (const target of targets) signalIfThere(target.pid, 'SIGTERM')
  const {code, stdout} = await ended
  expect(stdout).toMatch(/graceful\n.*bye\n$/s)
  expect(code).toBe(5)
})

test.for(usualWays)('a process has its time when its parent is a shell that SIGTERM ends at once, in a $name', async (way, {folder}) => {
  const slugFolder = makeSlug(folder)
  const server =
    '$SIG{TERM} = sub { select(undef, undef, undef, 0.3); print "served\\n"; exit 0 }; $| = 1; print "ready\\n"; sleep 60 while 1'
  writeFileSync(join(slugFolder, 'server.pl'), server)
  const dyno = await openDyno(folder, way, {command: 'perl server.pl; true', slugFolder})
  await using _ = dyno.made
  const child = dyno.start()
  const ended = outcomeOf(child)
  await untilSaid(child, 'ready')
  const pid = child.pid ?? 0
  const processes = allProcesses().filter(process => insideOf(pid, 0).includes(process.pid))
  for (const {pid: target, ppid} of processes) {
    if (!isHelperProcess({pid: target, ppid}, pid, dyno.isolation.helperGenerations)) signalIfThere(target, 'SIGTERM')
  }
  const {code, signal, stdout, stderr} = await ended
  expect([stdout, stderr]).toEqual(['ready\nserved\n', ''])
  expect([code, signal]).toEqual(way.tier === 'sandbox' ? [143, null] : [null, 'SIGTERM'])
})

test.for(usualSandboxWays)('SIGKILL takes along what daemonised, in a $name', async (way, {folder}) => {
  const env = marked('daemon')
  const command = '(setsid sh -c "sleep 60 & echo ready; sleep 60" &); (sleep 60 &); sleep 60; true'
  const dyno = await openDyno(folder, way, {command, slugFolder: makeSlug(folder), env})
  await using _ = dyno.made
  const child = dyno.start()
  const ended = outcomeOf(child)
  await untilSaid(child, 'ready')
  // Also those that left their group are found below the spawned process.
  await expect.poll(() => insideOf(child.pid ?? 0, dyno.isolation.helperGenerations).length).toBeGreaterThanOrEqual(5)
  child.kill('SIGKILL')
  await ended
  await expect.poll(() => processesWith(env.HOMEPORT_TEST_MARK)).toEqual([])
})

test.for(sandboxWays)('nothing outlives a kill -9 of Homeport, in a $name', async (way, {folder}) => {
  const env = marked('orphan')
  const dyno = await openDyno(folder, way, {command: '(setsid sleep 60 &); echo ready; sleep 60; true', slugFolder: makeSlug(folder), env})
  const {file, args, env: inner, cwd} = dyno.isolation.wrap(dyno.spec, dyno.made.room)
  const script = `
    const [file, args, options] = JSON.parse(process.argv[1])
    require('node:child_process').spawn(file, args, {...options, stdio: ['ignore', 'inherit', 'inherit']})
    setInterval(() => {}, 1000)`
  const user = way.as === 'user' && isRoot ? {uid: nobody, gid: nobody} : {}
  const supervisor = spawn(process.execPath, ['-e', script, JSON.stringify([file, args, {env: inner, cwd}])], {
    stdio: ['ignore', 'pipe', 'inherit'],
    ...user,
  })
  await untilSaid(supervisor, 'ready')
  expect(processesWith(env.HOMEPORT_TEST_MARK).length).toBeGreaterThan(2)
  supervisor.kill('SIGKILL')
  await expect.poll(() => processesWith(env.HOMEPORT_TEST_MARK)).toEqual([])
  expect(readFileSync('/proc/mounts', 'utf8')).not.toContain(folder)
  // The room is found and removed by who comes after.
  await removeRooms(dyno.roomsFolder)
  expect(existsSync(dyno.roomsFolder)).toBe(false)
})

test.for(allWays)('a room holds all that was made, and removing it leaves nothing, in a $name', async (way, {folder}) => {
  const command = 'mkdir -p locked/deep && echo x >locked/deep/file && chmod 000 locked; rm -f file'
  const dyno = await openDyno(folder, way, {command, slugFolder: makeSlug(folder)})
  expect(readdirSync(dyno.roomsFolder)).toHaveLength(1)
  expect((await outcomeOf(dyno.start())).code).toBe(0)
  const leftover = await readLeftover(dyno.made.room.folder ?? '')
  const {room} = dyno.made
  expect(leftover).toEqual({
    folder: room.folder,
    cgroups: [],
    ...(room.reachableFolder === undefined ? {} : {reachableFolder: room.reachableFolder}),
  })
  await removeRoom(leftover)
  expect(readdirSync(dyno.roomsFolder)).toEqual([])
  expect(existsSync(room.reachableFolder ?? '/no/such')).toBe(false)
  await dyno.made[Symbol.asyncDispose]()
})

test.for(usualWays)('a second command enters a running dyno with its user, files and limits, in a $name', async (way, {folder}) => {
  const dyno = await openDyno(folder, way, {
    command: 'echo from-dyno >mine; trap "" TERM; echo ready; sleep 60; true',
    slugFolder: makeSlug(folder),
  })
  const child = dyno.start()
  const ended = outcomeOf(child)
  await untilSaid(child, 'ready')
  const [pid = 0] = insideOf(child.pid ?? 0, dyno.isolation.helperGenerations)
  const about = 'echo "$(id -u) $(pwd) $HOME $(cat mine) $(ulimit -n)"; grep -E "^(CapEff|CapBnd|NoNewPrivs|Seccomp):" /proc/self/status'
  const enter = async (command: string) =>
    outcomeOf(dyno.start(dyno.isolation.enter(dyno.spec, dyno.made.room, {pid, command, env: {...dyno.spec.env, TERM: 'dumb'}})))
  const entered = await enter(`${about}; echo $TERM; exit 9`)
  expect(entered.code, entered.stderr).toBe(9)
  const [who, ...rights] = entered.stdout.trim().split('\n')
  const [uid, cwd, home, mine, files] = who?.split(' ') ?? []
  expect([cwd, mine, files]).toEqual([home, 'from-dyno', '10000'])
  expect(Number(uid)).toBeGreaterThan(0)
  if (way.tier !== 'process') expect(rights.slice(0, 3).join()).toMatch(/CapEff:\s0+,CapBnd:\s0+,NoNewPrivs:\s1/)
  if (way.tier === 'sandbox') {
    expect([cwd, rights[3]]).toEqual(['/app', 'Seccomp:\t2'])
    expect((await enter('ls /proc | grep -c "^[0-9]*$"; mount -t tmpfs x /mnt || echo closed')).stdout).toMatch(/^[1-9]\nclosed\n$/)
  }
  const {code, signal} = await enter('kill -9 $$')
  expect([code, signal]).toEqual(way.tier === 'sandbox' ? [137, null] : [null, 'SIGKILL'])
  process.kill(-(child.pid ?? 0), 'SIGKILL')
  await ended
  await dyno.made[Symbol.asyncDispose]()
})

test('without perl a sandbox cannot be entered, and it says so', async ({folder}) => {
  const [way] = sandboxWays
  if (way === undefined) throw new Error('no sandbox')
  const dyno = await openDyno(folder, way, {}, {}, {perl: undefined})
  await using _ = dyno.made
  const enter = () => dyno.isolation.enter(dyno.spec, dyno.made.room, {pid: 1, command: 'true', env: {}})
  expect(enter).toThrow(expect.objectContaining({code: 'ISOLATION_UNAVAILABLE', message: expect.stringContaining('perl')}))
})

test('a dyno in a sandbox keeps a terminal only when it has one of its own', async ({folder}) => {
  const [way] = sandboxWays
  if (way === undefined) throw new Error('no sandbox')
  const args = async (hasTerminal: boolean) => {
    const dyno = await openDyno(folder, way, {hasTerminal})
    await using _ = dyno.made
    return dyno.isolation.wrap(dyno.spec, dyno.made.room).args
  }
  expect(await args(false)).toContain('--new-session')
  expect(await args(true)).not.toContain('--new-session')
})

test.for([
  [{pid: 10, ppid: 1}, 2, true],
  [{pid: 11, ppid: 10}, 2, true],
  [{pid: 12, ppid: 11}, 2, false],
  [{pid: 10, ppid: 1}, 0, false],
  [{pid: 11, ppid: 10}, 0, false],
] as const)('%j of pid 10 with %i generations of helpers: helper %s', ([process, generations, isHelper]) => {
  expect(isHelperProcess(process, 10, generations)).toBe(isHelper)
})

/** A `sleep` of the app may have ended since it was seen. */
function signalIfThere(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}
