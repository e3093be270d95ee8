import {DescribeLaunchTemplateVersionsCommand, DescribeSecurityGroupsCommand} from '@aws-sdk/client-ec2'
import {GetBucketVersioningCommand, GetPublicAccessBlockCommand, PutObjectCommand} from '@aws-sdk/client-s3'
import {afterAll, beforeAll, expect, test} from 'vitest'
import {Aws} from '../../../src/engines/cloud/aws/aws.ts'
import {makeBalancer, removeBalancer} from '../../../src/engines/cloud/aws/pool-balancer.ts'
import {
  listInstances,
  makeGroup,
  makeTemplate,
  removeGroup,
  removeTemplate,
  scaleGroup,
  templateData,
} from '../../../src/engines/cloud/aws/pool-hosts.ts'
import {makeNetwork, removeNetwork} from '../../../src/engines/cloud/aws/pool-network.ts'
import {makeRole, removeRole} from '../../../src/engines/cloud/aws/pool-role.ts'
import {findKey, makeBucket, makeKey, removeBucket, removeKey} from '../../../src/engines/cloud/aws/pool-storage.ts'
import {Moto, motoEnv} from '../../support/rig/moto.ts'

let moto: Moto
let aws: Aws
const arch = 'x64'

beforeAll(async () => {
  Object.assign(process.env, motoEnv)
  moto = await Moto.start()
  aws = await Aws.open({region: 'us-east-1', endpoint: moto.endpoint})
})

afterAll(() => moto?.[Symbol.asyncDispose]())

async function makeAll() {
  const bucket = await makeBucket(aws, 'demo')
  const key = await makeKey(aws, 'demo')
  const profile = await makeRole(aws, 'demo', {bucket, key})
  const network = await makeNetwork(aws, 'demo')
  const template = await makeTemplate(aws, 'demo', {
    instanceType: 't3a.small',
    arch,
    network,
    profile,
    userData: '#!/bin/sh\n',
    image: 'ami-12c6146b',
  })
  const balancer = await makeBalancer(aws, 'demo', {network})
  await makeGroup(aws, 'demo', {size: 3, template, subnets: network.subnets, targetGroups: [balancer.targetGroup]})
  return {bucket, key, profile, network, template, balancer}
}

test('everything of a pool is made once, however often it is asked for', async () => {
  const one = await makeAll()
  const other = await makeAll()
  expect(other).toEqual(one)
  expect(await listInstances(aws, 'demo')).toHaveLength(3)
})

test('the bucket is versioned and closed to the public; no port but 80 and 443 is open to all', async () => {
  const s3 = await aws.s3()
  const Bucket = aws.bucketOf('demo')
  expect((await s3.send(new GetBucketVersioningCommand({Bucket}))).Status).toBe('Enabled')
  expect((await s3.send(new GetPublicAccessBlockCommand({Bucket}))).PublicAccessBlockConfiguration?.RestrictPublicBuckets).toBe(true)
  const groups = await (await aws.ec2()).send(new DescribeSecurityGroupsCommand({Filters: [{Name: 'tag:homeport:pool', Values: ['demo']}]}))
  const open = (groups.SecurityGroups?.[0]?.IpPermissions ?? []).filter(rule => (rule.IpRanges ?? []).length > 0)
  expect(open.map(rule => rule.FromPort).sort()).toEqual([443, 80])
})

test('hosts over the zones, more and fewer', async () => {
  await scaleGroup(aws, 'demo', 5)
  await expect.poll(async () => (await listInstances(aws, 'demo')).length).toBe(5)
  await scaleGroup(aws, 'demo', 2)
  await expect.poll(async () => (await listInstances(aws, 'demo')).length).toBe(2)
  const versions = await (await aws.ec2()).send(new DescribeLaunchTemplateVersionsCommand({LaunchTemplateName: 'homeport-demo'}))
  expect(Buffer.from(versions.LaunchTemplateVersions?.[0]?.LaunchTemplateData?.UserData ?? '', 'base64').toString()).toBe('#!/bin/sh\n')
})

test('a machine asks for version 2 of the metadata service, an encrypted disk and no key pair (moto forgets it)', () => {
  const network = {vpc: 'v', subnets: [], group: 'sg'}
  const data = templateData('demo', {instanceType: 't3a.small', arch, network, profile: 'p', userData: ''}, 'ami')
  expect(data.MetadataOptions).toMatchObject({HttpTokens: 'required', HttpPutResponseHopLimit: 1})
  expect(data.BlockDeviceMappings?.[0]?.Ebs).toMatchObject({Encrypted: true, VolumeType: 'gp3'})
  expect(data.KeyName).toBeUndefined()
})

test('destroy removes all of it, and finds nothing the second time', async () => {
  const s3 = await aws.s3()
  for (const Body of ['1', '2']) await s3.send(new PutObjectCommand({Bucket: aws.bucketOf('demo'), Key: 'x', Body}))
  const removeAll = async () => [
    await removeGroup(aws, 'demo'),
    await removeBalancer(aws, 'demo'),
    await removeTemplate(aws, 'demo'),
    await removeNetwork(aws, 'demo'),
    await removeRole(aws, 'demo'),
    await removeKey(aws, 'demo'),
    await removeBucket(aws, 'demo'),
  ]
  expect(await removeAll()).toEqual([true, true, true, true, true, true, true])
  expect(await listInstances(aws, 'demo')).toEqual([])
  expect(await findKey(aws, 'demo')).toBeUndefined()
  expect(await removeAll()).toEqual([false, false, false, false, false, false, false])
})

test('no region: told before anything is asked', async () => {
  await expect(Aws.open({region: undefined, endpoint: moto.endpoint})).rejects.toMatchObject({
    exitCode: 7,
    hint: expect.stringContaining('AWS_REGION'),
  })
})

test('no network: exit 7, and what was tried', async () => {
  await expect(Aws.open({region: 'us-east-1', endpoint: 'http://127.0.0.1:1'})).rejects.toMatchObject({
    code: 'POOL_UNREACHABLE',
    message: expect.stringContaining('find out who you are'),
  })
})
