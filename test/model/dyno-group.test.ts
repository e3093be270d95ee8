import {expect, test} from 'vitest'
import {planGroups} from '../../src/model/dyno-group.ts'
import {dynoSize} from '../../src/model/dyno-size.ts'
import {release} from '../support/pool-values.ts'

const options = {app: 'shop', image: 'sha256:bb', sizes: () => dynoSize('eco'), domains: ['shop.example'], bootMs: 1, stopMs: 2}

test('web comes last, release never runs, a type that is new has no dynos but web has one', () => {
  const groups = planGroups(
    release(3, {
      processTypes: [
        ['web', 'w'],
        ['release', 'r'],
        ['clock', 'c'],
        ['worker', 'k'],
      ],
    }),
    {
      ...options,
      formation: new Map([['worker', 2]]),
    },
  )
  expect(groups.map(({type, quantity}) => [type, quantity])).toEqual([
    ['clock', 0],
    ['worker', 2],
    ['web', 1],
  ])
})

test('only web is gated by listening and has domains', () => {
  const check = {path: '/health', attempts: 3, timeoutSeconds: 5, waitSeconds: 5}
  const [worker, web] = planGroups(release(3, {webCheck: check}), {...options, formation: new Map()})
  expect([worker?.web, worker?.domains]).toEqual([undefined, []])
  expect([web?.web, web?.domains]).toEqual([{bootMs: 1, check}, ['shop.example']])
})
