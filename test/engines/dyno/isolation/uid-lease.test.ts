import {spawn} from 'node:child_process'
import {expect, test} from 'vitest'
import {knowsDynoUids, leaseUid} from '../../../../src/engines/dyno/isolation/uid-lease.ts'
import {firstDynoUid} from '../../../../src/model/dyno-user.ts'
import {isRoot, untilSaid} from '../../../support/isolation.ts'

test('a uid belongs to one dyno until it is given back, across processes too', async ({onTestFinished}) => {
  await using first = await leaseUid()
  const second = await leaseUid()
  expect(second.uid).not.toBe(first.uid)
  expect(first.uid).toBeGreaterThanOrEqual(firstDynoUid)
  const source = new URL('../../../../src/engines/dyno/isolation/uid-lease.ts', import.meta.url).href
  const script = `const {leaseUid} = await import(${JSON.stringify(source)}); console.log('uid', (await leaseUid()).uid, 'end'); setInterval(() => {}, 1000)`
  const other = spawn(process.execPath, ['--input-type=module', '-e', script], {stdio: ['ignore', 'pipe', 'inherit']})
  onTestFinished(() => {
    other.kill('SIGKILL')
  })
  const theirs = Number(/uid (\d+) end/.exec(await untilSaid(other, 'end'))?.[1])
  expect([first.uid, second.uid]).not.toContain(theirs)
  // A process that dies holds nothing.
  other.kill('SIGKILL')
  await new Promise(resolve => other.once('close', resolve))
  await second[Symbol.asyncDispose]()
  const free = new Set<number>()
  await expect
    .poll(async () => {
      const lease = await leaseUid()
      free.add(lease.uid)
      await lease[Symbol.asyncDispose]()
      return lease.uid
    })
    .toBeLessThanOrEqual(Math.max(theirs, second.uid))
})

if (isRoot) {
  test('a uid that a process still has is passed over', async ({onTestFinished}) => {
    const lease = await leaseUid()
    const left = spawn('sleep', ['60'], {uid: lease.uid, stdio: 'ignore'})
    onTestFinished(() => {
      left.kill('SIGKILL')
    })
    await lease[Symbol.asyncDispose]()
    const next = await leaseUid()
    expect(next.uid).not.toBe(lease.uid)
    await next[Symbol.asyncDispose]()
  })
}

test('this machine knows the users of dynos', () => {
  expect(knowsDynoUids()).toBe(true)
})
