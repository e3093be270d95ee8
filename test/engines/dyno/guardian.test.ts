import {type ChildProcess, execFileSync, spawn} from 'node:child_process'
import {once} from 'node:events'
import {existsSync, readdirSync, writeFileSync} from 'node:fs'
import {fileURLToPath} from 'node:url'
import {describe, expect} from 'vitest'
import {reapSession, sweepLeftovers} from '../../../src/engines/dyno/reap.ts'
import {test as base, marked, type Reader, readers, reaper, tableOf} from '../../support/dynos.ts'

const supervisorFile = fileURLToPath(new URL('../../support/supervisor.ts', import.meta.url))

/** As in findings 2.3: nobody obeys, one left for a session of its own, one forked twice, one closed all its descriptors. */
const tree = (token: string) => `
trap '' TERM HUP INT
setsid sh -c 'trap "" TERM HUP INT; while :; do sleep 1; done; : ${token}' &
(setsid sh -c 'trap "" TERM HUP INT; (while :; do sleep 1; done; : ${token}) & exit 0; : ${token}' &)
(setsid sh -c 'trap "" TERM HUP INT; exec <&- >&- 2>&-; while :; do sleep 1; done; : ${token}' &)
while :; do sleep 1; done; : ${token}`

class Supervisor {
  readonly child: ChildProcess
  output = ''

  constructor(child: ChildProcess) {
    this.child = child
    for (const stream of [child.stdout, child.stderr]) {
      stream?.on('data', (chunk: Buffer) => {
        this.output += chunk
      })
    }
  }

  /** The guardian: the child that leads a session of its own and is no dyno. */
  guardian(): number {
    const dynos = new Set(this.output.match(/(?<=dyno )\d+/g)?.map(Number))
    const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid='], {encoding: 'utf8'}).trim().split('\n')
    const children = lines.map(line => line.trim().split(/\s+/).map(Number)).filter(([, ppid]) => ppid === this.child.pid)
    return children.map(([pid]) => pid ?? 0).find(pid => !dynos.has(pid)) ?? 0
  }
}

type Start = (reader: Reader, dynos: number, command?: string, end?: readonly string[]) => Supervisor

const test = base
  .extend('token', ({task: _}) => `hp-${Math.random().toString(36).slice(2)}`)
  .extend('start', async ({folder, token}, {onCleanup}) => {
    const children: ChildProcess[] = []
    onCleanup(() => {
      for (const child of children) child.kill('SIGKILL')
      for (const pid of marked(token)) process.kill(pid, 'SIGKILL')
    })
    const start: Start = (reader, dynos, command = tree(token), end = reaper(reader)) => {
      const args = [supervisorFile, reader, folder, String(dynos), command, ...end]
      const child = spawn(process.execPath, args, {stdio: ['ignore', 'pipe', 'pipe'], detached: true})
      children.push(child)
      return new Supervisor(child)
    }
    return start
  })

const patience = {timeout: 20_000, interval: 20}
const sessions = (folder: string) => (existsSync(`${folder}/sessions`) ? readdirSync(`${folder}/sessions`) : [])

describe.for(readers)('kill -9 of Homeport, seen by %s', reader => {
  test('ends every process of every dyno, and takes away what was on disk', async ({start, folder, token}) => {
    const homeport = start(reader, 10)
    await expect.poll(() => homeport.output, patience).toContain('started')
    await expect.poll(() => marked(token).length, patience).toBeGreaterThanOrEqual(40)
    writeFileSync(`${folder}/control.sock`, '')
    homeport.child.kill('SIGKILL')
    await expect.poll(() => marked(token), patience).toEqual([])
    await expect.poll(() => [...sessions(folder), existsSync(`${folder}/control.sock`)], patience).toEqual([false])
  })

  test('also before the first dyno', async ({start, folder}) => {
    const homeport = start(reader, 0)
    await expect.poll(() => homeport.output, patience).toContain('started')
    const guardian = homeport.guardian()
    homeport.child.kill('SIGKILL')
    await expect.poll(() => sessions(folder), patience).toEqual([])
    await expect.poll(() => tableOf(reader).startTime(guardian), patience).toBeUndefined()
  })

  test('though the guardian got every signal that ends a process before', async ({start, token}) => {
    const homeport = start(reader, 1)
    await expect.poll(() => homeport.output, patience).toContain('started')
    const guardian = homeport.guardian()
    for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP', 'SIGQUIT', 'SIGPIPE', 'SIGUSR1', 'SIGTSTP'] as const)
      process.kill(guardian, signal)
    homeport.child.kill('SIGKILL')
    await expect.poll(() => marked(token), patience).toEqual([])
  })

  test('though the guardian was killed before: it is replaced', async ({start, folder, token}) => {
    const homeport = start(reader, 1)
    await expect.poll(() => homeport.output, patience).toContain('started')
    const guardian = homeport.guardian()
    process.kill(guardian, 'SIGKILL')
    await expect.poll(() => [0, guardian].includes(homeport.guardian()), patience).toBe(false)
    homeport.child.kill('SIGKILL')
    await expect.poll(() => marked(token), patience).toEqual([])
    await expect.poll(() => sessions(folder), patience).toEqual([])
  })

  test('together with the guardian: the next start sweeps up, and leaves alone who only has the pid of one of ours', async ({
    start,
    folder,
    token,
  }) => {
    const homeport = start(reader, 2)
    await expect.poll(() => homeport.output, patience).toContain('started')
    await expect.poll(() => marked(token).length, patience).toBeGreaterThanOrEqual(8)
    process.kill(homeport.guardian(), 'SIGSTOP')
    const guardian = homeport.guardian()
    homeport.child.kill('SIGKILL')
    process.kill(guardian, 'SIGKILL')
    await once(homeport.child, 'exit')
    const [id = ''] = sessions(folder)
    // This very test has a pid, and so would a stranger that got the number of a dyno.
    const stranger = {
      id,
      realm: tableOf(reader).realm,
      homeport: {pid: process.pid, startTime: '1'},
      dynos: [{pid: process.pid, startTime: '1'}],
      paths: [],
    }
    writeFileSync(`${folder}/sessions/${id}/session.json`, JSON.stringify(stranger))
    expect(await sweepLeftovers(folder, tableOf(reader))).toBeGreaterThanOrEqual(8)
    expect(marked(token)).toEqual([])
    expect(sessions(folder)).toEqual([])
  })
})

describe('kill -9 at any moment', () => {
  test.for(Array.from({length: 12}, (_, index) => index))('nothing is left (try %d)', async (index, {start, folder, token}) => {
    const homeport = start(readers[0] ?? 'ps', 6)
    // Some while it starts, some while it makes its session, some between two dynos.
    if (index < 4) await new Promise(resolve => setTimeout(resolve, 40 + index * 30))
    else if (index < 8) await once(homeport.child.stdout as NodeJS.ReadableStream, 'data')
    else await expect.poll(() => homeport.output, {interval: 1, timeout: 20_000}).toMatch(new RegExp(`(dyno.*\\s*){${index - 7}}`))
    homeport.child.kill('SIGKILL')
    await once(homeport.child, 'exit')
    await expect.poll(() => [...marked(token), ...sessions(folder)], patience).toEqual([])
  })
})

describe('the guardian', () => {
  test('holds nothing of the user’s output', async ({start, token}) => {
    const homeport = start(readers[0] ?? 'ps', 0, '', ['/bin/sh', '-c', `sleep 20; : ${token}`])
    await expect.poll(() => homeport.output, patience).toContain('started')
    homeport.child.kill('SIGKILL')
    // What it became lives on, and yet our end of the pipe is closed.
    await once(homeport.child, 'close')
    await expect.poll(() => marked(token)).toHaveLength(1)
  })

  test('is gone when a session ends in order, with the folder', async ({openRig, folder}) => {
    const {session} = await openRig()
    session.removeAtEnd(`${folder}/scratch`)
    writeFileSync(`${folder}/scratch`, '')
    const lines = execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], {encoding: 'utf8'}).split('\n')
    const guardians = lines.filter(line => line.includes(`/sessions/${session.id}`)).map(line => Number.parseInt(line, 10))
    expect(guardians).toHaveLength(1)
    // Not even a guardian that somebody has stopped is left behind.
    process.kill(guardians[0] ?? 0, 'SIGSTOP')
    await session.close()
    expect(() => process.kill(guardians[0] ?? 0, 0)).toThrow('ESRCH')
    expect([...sessions(folder), existsSync(`${folder}/scratch`)]).toEqual([false])
  })
})

describe('what lives is left alone', () => {
  test('by a sweep, and by a reaper that was called too early', async ({openRig, folder}) => {
    const rig = await openRig()
    const dyno = await rig.run('echo ready; exec sleep 300')
    await expect.poll(() => rig.output()).toBe('ready\n')
    await expect.poll(() => existsSync(`${folder}/sessions/${rig.session.id}/session.json`)).toBe(true)
    const {table} = rig.session.scanner
    expect(await sweepLeftovers(folder, table)).toBe(0)
    expect(await reapSession(`${folder}/sessions/${rig.session.id}/session.json`, table)).toBe(0)
    expect(await dyno.processes()).toHaveLength(1)
    expect(sessions(folder)).toEqual([rig.session.id])
  })
})
