import {describe, expect, test} from 'vitest'
import {Ledger, listApps, type ReleaseDraft} from '../../../src/engines/pool/ledger.ts'
import {MemoryBucket} from '../../support/memory-bucket.ts'
import {release} from '../../support/pool-values.ts'

function draft(more: Partial<ReleaseDraft> = {}): ReleaseDraft {
  const {version: _, createdAt: __, ...rest} = release(1, more)
  return rest
}

const setUp = () => {
  const bucket = new MemoryBucket()
  return {bucket, ledger: new Ledger(bucket, 'shop')}
}

describe('a release', () => {
  test('gets the next number when it is committed', async () => {
    const {ledger} = setUp()
    expect((await ledger.commit(draft())).release.version).toBe(1)
    await ledger.finish(1, {status: 'succeeded'})
    expect(await ledger.commit(draft())).toMatchObject({isNew: true, release: {version: 2}})
    expect((await ledger.records()).map(({release, outcome}) => [release.version, outcome?.status])).toEqual([
      [1, 'succeeded'],
      [2, undefined],
    ])
  })

  test('that did not end is gone on with by who wants the same', async () => {
    const {ledger} = setUp()
    await ledger.commit(draft())
    expect(await ledger.commit(draft({user: 'bob'}))).toMatchObject({isNew: false, release: {version: 1, user: 'ann'}})
    expect(await ledger.commit(draft({slug: 'sha256:bb'}))).toMatchObject({isNew: true, release: {version: 2}})
  })

  test('is one when twenty commit at once, and all numbers are there', async () => {
    const {bucket} = setUp()
    const results = await Promise.all(
      [...Array(10).keys()].map(index => new Ledger(bucket, 'shop').commit(draft({slug: `sha256:${index}`}))),
    )
    expect(results.map(({release}) => release.version).sort((a, b) => a - b)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10])
  })

  test('has one outcome, the first', async () => {
    const {ledger} = setUp()
    await ledger.commit(draft())
    await ledger.finish(1, {status: 'failed', reason: 'x'})
    await ledger.finish(1, {status: 'succeeded'})
    expect((await ledger.records())[0]?.outcome).toMatchObject({status: 'failed', reason: 'x'})
  })
})

test('the current release only goes forward', async () => {
  const {ledger} = setUp()
  expect(await ledger.current()).toBeUndefined()
  await ledger.switchTo(2)
  await ledger.switchTo(2)
  await expect(ledger.switchTo(1)).rejects.toMatchObject({code: 'DEPLOY_CONFLICT', exitCode: 7})
  expect(await ledger.current()).toBe(2)
})

test('settings are changed by many at once and nothing is lost', async () => {
  const {bucket, ledger} = setUp()
  const domains = [...Array(8).keys()].map(index => `d${index}.example`)
  await Promise.all(
    domains.map(domain => new Ledger(bucket, 'shop').changeSettings(settings => ({...settings, domains: [...settings.domains, domain]}))),
  )
  expect([...(await ledger.settings()).domains].sort()).toEqual(domains)
})

test('a note of a release is written once', async () => {
  const {ledger} = setUp()
  expect(await ledger.noted(1, 'release-phase')).toBeUndefined()
  await ledger.note(1, 'release-phase', {exitCode: 0})
  await ledger.note(1, 'release-phase', {exitCode: 9})
  expect(await ledger.noted(1, 'release-phase')).toEqual({exitCode: 0})
})

test('an audit entry for each change, never overwritten; apps are known by the bucket', async () => {
  const {bucket, ledger} = setUp()
  const entry = {user: 'ann', action: 'deploy', from: null, to: 1, result: 'succeeded'}
  await Promise.all([ledger.audit(entry), ledger.audit(entry)])
  expect(await bucket.list('audit/')).toHaveLength(2)
  await ledger.switchTo(1)
  await new Ledger(bucket, 'blog').switchTo(1)
  expect(await listApps(bucket)).toEqual(['blog', 'shop'])
})
