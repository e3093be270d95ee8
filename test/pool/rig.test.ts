import {readdirSync} from 'node:fs'
import {expect, test} from 'vitest'
import {Rig} from '../support/rig/rig.ts'

test('a test host has its own systemd, limits that count, and fails like a machine', async () => {
  await using rig = await Rig.create()
  const one = await rig.boot('t1', '172.31.0.11')
  const two = await rig.boot('t2', '172.31.0.12')
  await expect
    .poll(() => one.exec('systemctl', 'is-system-running', '--wait').catch(error => error.stdout), {timeout: 20_000})
    .toBe('running\n')
  await one.exec('systemd-run', '-q', '--unit=limited', '-p', 'MemoryMax=64M', '-p', 'TasksMax=64', 'sleep', '600')
  expect(await one.exec('cat', '/sys/fs/cgroup/memory/system.slice/limited.service/memory.limit_in_bytes')).toBe('67108864\n')
  expect(await one.exec('cat', '/sys/fs/cgroup/pids/system.slice/limited.service/pids.max')).toBe('64\n')
  const ping = () =>
    one.exec('ping', '-c1', '-W1', two.address).then(
      () => true,
      () => false,
    )
  expect(await ping()).toBe(true)
  await two.cut()
  expect(await ping()).toBe(false)
  await two.heal()
  await expect.poll(ping, {timeout: 10_000}).toBe(true)
  await two.exec('sh', '-c', 'echo kept >/root/file; sync')
  await two.powerOff()
  expect(await ping()).toBe(false)
  await two.boot()
  expect(await two.exec('cat', '/root/file')).toBe('kept\n')
})

test('nothing is left of test hosts', () => {
  expect(readdirSync('/sys/fs/cgroup/memory').includes(`${process.env['HOMEPORT_RIG']}/t1`)).toBe(false)
})
