import {expect, test} from 'vitest'
import {parseListeners, parseProcesses} from '../../../src/lib/process-table/ps.ts'

test('lines of macOS and Linux are read, others left out', () => {
  const text = [
    '    1     0     1     0  15000  400000 Ss   Mon Nov 23 08:00:01 2026     /sbin/launchd',
    '  501   400   501   501    512  9000 T+   Wed Nov  4 03:24:05 2026     /Applications/Some App.app/Contents/MacOS/Some App',
    '  502     1   502   501      0      0 Z    Wed Nov 25 03:24:06 2026     <defunct>',
    '    3     2     0     0      0      0 I<   Mon Nov 23 08:00:01 2026     [rcu_gp]',
    'no process at all',
    '',
  ].join('\n')
  const start = (day: number, time: string) => String(Date.parse(`2026-11-${String(day).padStart(2, '0')}T${time}Z`) / 1000)
  expect(parseProcesses(text)).toEqual([
    {
      pid: 1,
      ppid: 0,
      pgid: 1,
      sid: 0,
      startTime: start(23, '08:00:01'),
      uid: 0,
      name: 'launchd',
      isZombie: false,
      isKernel: false,
      isStopped: false,
      residentBytes: 15_360_000,
    },
    {
      pid: 501,
      ppid: 400,
      pgid: 501,
      sid: 0,
      startTime: start(4, '03:24:05'),
      uid: 501,
      name: 'Some App',
      isZombie: false,
      isKernel: false,
      isStopped: true,
      residentBytes: 524_288,
    },
    {
      pid: 502,
      ppid: 1,
      pgid: 502,
      sid: 0,
      startTime: start(25, '03:24:06'),
      uid: 501,
      name: '<defunct>',
      isZombie: true,
      isKernel: false,
      isStopped: false,
      residentBytes: 0,
    },
    {
      pid: 3,
      ppid: 2,
      pgid: 0,
      sid: 0,
      startTime: start(23, '08:00:01'),
      uid: 0,
      name: '[rcu_gp]',
      isZombie: false,
      isKernel: true,
      isStopped: false,
      residentBytes: 0,
    },
  ])
})

test('the listeners of lsof are read, a port on two addresses once', () => {
  const text = 'p10\ncnode\nf20\nn127.0.0.1:5006\nf21\nn[::1]:5006\nf22\nn*:8080\np11\ncnginx\nf6\nn*:80\n'
  expect(parseListeners(text)).toEqual([
    {port: 5006, pid: 10, program: 'node'},
    {port: 8080, pid: 10, program: 'node'},
    {port: 80, pid: 11, program: 'nginx'},
  ])
  expect(parseListeners('')).toEqual([])
})
