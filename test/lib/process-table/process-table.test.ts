import {type ChildProcess, spawn} from 'node:child_process'
import {once} from 'node:events'
import {copyFileSync} from 'node:fs'
import {createServer} from 'node:net'
import {describe, expect} from 'vitest'
import {readsProc} from '../../../src/lib/process-table/proc.ts'
import {openProcessTable, type ProcessInfo, type ProcessTable} from '../../../src/lib/process-table/process-table.ts'
import {readers, tableOf} from '../../support/dynos.ts'
import {test as base} from '../../support/temp-folder.ts'

const test = base.extend('start', async ({task: _}, {onCleanup}) => {
  const children: ChildProcess[] = []
  onCleanup(() => {
    for (const {pid} of children) if (pid !== undefined) process.kill(-pid, 'SIGKILL')
  })
  return async (file: string, args: readonly string[], env: Record<string, string> = {}) => {
    const child = spawn(file, args, {env: {PATH: process.env['PATH'] ?? '', ...env}, detached: true, stdio: ['pipe', 'pipe', 'inherit']})
    children.push(child)
    await once(child, 'spawn')
    return child
  }
})

async function look(table: ProcessTable, pid: number | undefined): Promise<ProcessInfo | undefined> {
  return (await table.list()).find(process => process.pid === pid)
}

test('this machine is read the way that fits it', () => {
  expect(openProcessTable().realm).toBe(tableOf(readsProc() ? 'proc' : 'ps').realm)
  expect(tableOf('ps').realm).not.toBe(tableOf('proc').realm)
})

describe.for(readers)('read by %s', reader => {
  const table = tableOf(reader)

  test('a process is seen with its parent, group, user and name', async ({start}) => {
    const child = await start('sleep', ['30'])
    const process_ = await look(table, child.pid)
    expect(process_).toMatchObject({
      ppid: process.pid,
      pgid: child.pid,
      uid: process.getuid?.(),
      name: 'sleep',
      isZombie: false,
      isKernel: false,
      isStopped: false,
    })
    // This very process, since the numbers of a young one lag behind.
    expect((await look(table, process.pid))?.residentBytes).toBeGreaterThan(2 ** 24)
    expect([0, child.pid]).toContain(process_?.sid)
  })

  test('a start time is the same at every look, and not the same as another’s', async ({start}) => {
    const child = await start('sleep', ['30'])
    const seen = (await look(table, child.pid))?.startTime ?? ''
    const asked = (await table.startTime(child.pid ?? 0)) ?? ''
    expect(table.isSameStart(seen, asked)).toBe(true)
    const first = (await table.startTime(1)) ?? ''
    expect(table.isSameStart(seen, first)).toBe(false)
  })

  test('a pid that nobody has, has no start time; neither has a zombie', async ({start}) => {
    expect(await table.startTime(2 ** 22 + 1)).toBeUndefined()
    // The shell never asks how its child ended.
    const parent = await start('sh', ['-c', 'sleep 0.2 & echo $!; exec sleep 30'])
    const pid = Number(String(await once(parent.stdout as NodeJS.ReadableStream, 'data')))
    await expect.poll(async () => (await look(table, pid))?.isZombie).toBe(true)
    expect(await table.startTime(pid)).toBeUndefined()
  })

  test('a stopped process is seen as stopped', async ({start}) => {
    const child = await start('sleep', ['30'])
    child.kill('SIGSTOP')
    await expect.poll(async () => (await look(table, child.pid))?.isStopped).toBe(true)
    child.kill('SIGCONT')
    await expect.poll(async () => (await look(table, child.pid))?.isStopped).toBe(false)
  })

  test('a name with blanks, brackets and a newline confuses nobody', async ({folder, start}) => {
    const path = `${folder}/a) S (1\n2 b`
    copyFileSync('/bin/sleep', path)
    const child = await start(path, ['30'])
    expect(await look(table, child.pid)).toMatchObject({ppid: process.pid, isZombie: false})
  })

  test('an environment variable is read; arguments that look like one are not', async ({start}) => {
    const with_ = await start('sleep', ['30'], {HP_BEFORE: 'HP_MARK=no', HP_MARK: 'yes-1', HP_AFTER: ''})
    const without = await start('sh', ['-c', 'sleep 30; :', 'HP_MARK=arg', ' HP_MARK=arg'])
    const processes = (await table.list()).filter(({pid}) => pid === with_.pid || pid === without.pid)
    expect(processes).toHaveLength(2)
    expect(await table.variable('HP_MARK', processes)).toEqual(
      new Map([
        [with_.pid, 'yes-1'],
        [without.pid, undefined],
      ]),
    )
    expect([...(await table.variable('HP_NONE', processes)).values()]).toEqual([undefined, undefined])
    expect(await table.variable('HP_MARK', [])).toEqual(new Map())
  })

  test('who listens on which port is found, on IPv4 and IPv6, each port once', async () => {
    const servers = await Promise.all(
      ['127.0.0.1', '::1'].map(async host => {
        const server = createServer().listen(0, host)
        await once(server, 'listening')
        return server
      }),
    )
    const ports = servers.map(server => (server.address() as {port: number}).port)
    const mine = (await table.listeners([process.pid])).filter(({port}) => ports.includes(port))
    expect(mine.map(({port}) => port).sort()).toEqual([...ports].sort())
    expect(mine.every(({pid, program}) => pid === process.pid && (program ?? '') !== '')).toBe(true)
    expect((await table.listeners()).filter(({port, pid}) => ports.includes(port) && pid === process.pid)).toHaveLength(2)
    expect(await table.listeners([])).toEqual([])
    for (const server of servers) server.close()
  })
})

describe.runIf(readsProc())('the limit that marks', () => {
  test('is read in KiB where it is set, and inherited', async ({start}) => {
    const child = await start('sh', ['-c', 'ulimit -m 6755399441055744; sh -c "echo \\$\\$; sleep 30; :"; :'])
    const pid = Number(String(await once(child.stdout as NodeJS.ReadableStream, 'data')))
    const table = tableOf('proc')
    const processes = (await table.list()).filter(process => process.pid === pid || process.pid === process.ppid)
    expect(await table.residentLimits(processes)).toEqual(new Map([[pid, 6755399441055744]]))
  })
})
