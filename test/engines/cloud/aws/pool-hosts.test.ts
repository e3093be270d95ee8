import {expect, test} from 'vitest'
import type {Aws} from '../../../../src/engines/cloud/aws/aws.ts'
import {makeGroup} from '../../../../src/engines/cloud/aws/pool-hosts.ts'

type Sent = {readonly constructor: {readonly name: string}; readonly input: Readonly<Record<string, unknown>>}

/** Auto scaling by hand: what moto never says. */
function aws(answer: (name: string, input: Sent['input']) => object): {readonly aws: Aws; readonly calls: string[]} {
  const calls: string[] = []
  const client = {
    send: async (command: Sent) => {
      calls.push(command.constructor.name.replace('Command', ''))
      return answer(calls.at(-1) ?? '', command.input)
    },
  }
  return {aws: {autoScaling: async () => client, ec2: async () => client} as unknown as Aws, calls}
}

const options = {size: 3, template: 'lt-1', subnets: ['subnet-1'], targetGroups: [], profileWaitMs: 1}
const unknownProfile = () =>
  Object.assign(
    new Error(
      'You must use a valid fully-formed launch template. Value (arn:…) for parameter iamInstanceProfile.arn is invalid. Invalid IAM Instance Profile ARN',
    ),
    {
      name: 'ValidationError',
      $metadata: {httpStatusCode: 400},
    },
  )

test('a profile that AWS does not know yet is waited for', async () => {
  let tries = 0
  const {aws: cloud, calls} = aws(name => {
    if (name === 'CreateAutoScalingGroup' && ++tries < 3) throw unknownProfile()
    return {}
  })
  await makeGroup(cloud, 'demo', options)
  expect(calls).toEqual(['DescribeAutoScalingGroups', ...Array(3).fill('CreateAutoScalingGroup'), 'SuspendProcesses'])
})

test('but not for ever, and nothing else is', async () => {
  const never = aws(name => {
    if (name === 'CreateAutoScalingGroup') throw unknownProfile()
    return {}
  })
  await expect(makeGroup(never.aws, 'demo', options)).rejects.toMatchObject({exitCode: 7})
  expect(never.calls.length).toBeLessThan(20)
  const quota = aws(name => {
    if (name === 'CreateAutoScalingGroup') throw Object.assign(new Error('too many'), {name: 'VcpuLimitExceeded', $metadata: {}})
    return {}
  })
  await expect(makeGroup(quota.aws, 'demo', options)).rejects.toMatchObject({message: expect.stringContaining('no room')})
  expect(quota.calls).toHaveLength(2)
})

test.for<[has: number, asked: number, calls: readonly string[]]>([
  [3, 5, ['DescribeAutoScalingGroups', 'UpdateAutoScalingGroup', 'SuspendProcesses']],
  [5, 3, ['DescribeAutoScalingGroups', 'SuspendProcesses']],
])('a group of %i that is made with %i: grows, and never loses a host undrained', async ([has, size, expected]) => {
  const {aws: cloud, calls} = aws(name => (name === 'DescribeAutoScalingGroups' ? {AutoScalingGroups: [{DesiredCapacity: has}]} : {}))
  await makeGroup(cloud, 'demo', {...options, size})
  expect(calls).toEqual(expected)
})
