import {expect, test} from 'vitest'
import {painter} from '../../../src/cli/colour.ts'
import {renderDeployPlan, renderHosts, renderPoolDynos, renderPoolStep, renderReleases, renderSetup} from '../../../src/cli/render/pool.ts'
import {planSetup} from '../../../src/model/pool-setup.ts'
import {host, poolDyno, record} from '../../support/pool-values.ts'

const paint = painter(false)
const now = Date.parse('2026-11-25T00:01:00Z')

test('releases, newest first, with how each ended', () => {
  const text = renderReleases('shop', [record(1, 'succeeded'), record(2, 'rolled_back'), record(3)], {current: 1, now, paint})
  expect(text).toMatch(
    /^=== shop Releases - Current: v1\n\nv3 {2}Deploy 3 {2}pending .*\nv2 {2}Deploy 2 {2}rolled back .*\nv1 {2}Deploy 1 {15}ann/,
  )
})

test('what others wrote cannot move the cursor', () => {
  const evil = record(1)
  const text = renderReleases('shop', [{...evil, release: {...evil.release, description: 'a\u001b[2Jb'}}], {current: undefined, now, paint})
  expect(text).not.toContain('\u001b')
})

test('hosts and dynos', () => {
  expect(renderHosts([host('m1', {isManager: true, isLeader: true, dynos: 1}), host('w1', {state: 'drained'})])).toBe(
    'm1  10.0.0.1  ready    leader  1 dyno   2048 of 2048 MB free\nw1  10.0.0.1  drained  worker  0 dynos  2048 of 2048 MB free\n',
  )
  expect(
    renderPoolDynos('shop', [poolDyno('a'), poolDyno('b', {dyno: 'web.2', state: 'starting', host: undefined, message: 'no room'})], {
      now,
      paint,
    }),
  ).toMatch(/^=== web \(2\)\n\nweb\.1: {2}up .* v1 {2}h1\nweb\.2: {2}starting .* no host {2}no room\n$/)
  expect(renderPoolDynos('shop', [], {now, paint})).toBe('No dynos on shop\n')
})

test('plans and steps', () => {
  expect(renderDeployPlan([{name: 'upload', detail: 'x', engineCalls: 0, isNeeded: false}], ['1 x web: no room'])).toBe(
    '1. upload    (nothing to do) x\n   No room: 1 x web: no room\n',
  )
  expect(renderSetup('demo', planSetup({name: 'demo', size: 3, instanceType: 't3a.small', hasBalancer: false}))).toContain(
    'About $60.82 a month',
  )
  expect(renderPoolStep({type: 'step', time: 0, name: 'watch', status: 'started', detail: 'x'})).toBe('-----> watch: x\n')
  expect(renderPoolStep({type: 'step', time: 0, name: 'watch', status: 'failed', detail: 'x'})).toBe('       watch failed: x\n')
})
