import {describe, expect, test} from 'vitest'
import {planPolicy, poolRoles} from '../../src/model/pool-policy.ts'

const scope = {
  pool: 'demo',
  region: 'us-east-1',
  account: '123456789012',
  bucket: 'homeport-demo-1',
  key: 'arn:aws:kms:us-east-1:123456789012:key/k',
}
const actions = (role: (typeof poolRoles)[number]) =>
  planPolicy(role, scope)
    .Statement.filter(({Effect}) => Effect === 'Allow')
    .flatMap(({Action}) => [...Action])

describe.for([...poolRoles])('%s', role => {
  test('may never do everything', () => {
    expect(actions(role).filter(action => /^\*|^\w+:\*$/.test(action))).toEqual([])
  })

  test('names each statement once', () => {
    const names = planPolicy(role, scope).Statement.map(({Sid}) => Sid)
    expect(new Set(names).size).toBe(names.length)
    for (const name of names) expect(name).toMatch(/^[A-Za-z0-9]+$/)
  })
})

test('a host gets no config vars: no right to read them, a denial, and no key', () => {
  const {Statement} = planPolicy('host', scope)
  expect(Statement.find(({Effect}) => Effect === 'Deny')?.Resource).toEqual(['arn:aws:s3:::homeport-demo-1/config/*'])
  expect(actions('host').filter(action => action.startsWith('kms:'))).toEqual([])
})

test('who looks changes nothing, who releases deletes nothing and touches no iam', () => {
  expect(actions('read').filter(action => !/:(?:Get|List|Describe)/.test(action))).toEqual([])
  expect(actions('release').filter(action => /Delete|^iam:/.test(action))).toEqual([])
})

test('an admin passes one role on, to EC2 alone', () => {
  const pass = planPolicy('admin', scope).Statement.filter(({Action}) => Action.includes('iam:PassRole'))
  expect(pass).toEqual([
    expect.objectContaining({
      Resource: ['arn:aws:iam::123456789012:role/homeport-demo-host'],
      Condition: {StringEquals: {'iam:PassedToService': 'ec2.amazonaws.com'}},
    }),
  ])
})

test('connections are limited to hosts of the pool by its tag', () => {
  const connect = planPolicy('release', scope).Statement.find(({Sid}) => Sid === 'Connect')
  expect(connect?.Condition).toEqual({StringEquals: {'aws:ResourceTag/homeport:pool': 'demo'}})
})
