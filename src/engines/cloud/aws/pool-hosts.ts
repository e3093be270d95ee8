import {createHash} from 'node:crypto'
import {setTimeout as wait} from 'node:timers/promises'
import type {Tag} from '@aws-sdk/client-auto-scaling'
import type {RequestLaunchTemplateData} from '@aws-sdk/client-ec2'
import {HomeportError} from '../../../model/error.ts'
import {hostDiskGb} from '../../../model/pool-cost.ts'
import {type Aws, isMissing, tagsOf} from './aws.ts'
import {atAws} from './aws-error.ts'
import type {PoolNetwork} from './pool-network.ts'

export type TemplateOptions = {
  readonly instanceType: string
  readonly arch: 'x64' | 'arm64'
  readonly network: PoolNetwork
  readonly profile: string
  readonly userData: string
  /** Another system image than the newest Amazon Linux 2023. */
  readonly image?: string
}

/** A machine of a pool, as EC2 tells of it. */
export type Instance = {
  readonly id: string
  readonly privateAddress: string
  readonly publicAddress: string | undefined
  readonly zone: string
}

/** What a machine of a pool is: version 2 of the metadata service only, one hop; encrypted disk; no key pair. */
export function templateData(
  pool: string,
  {instanceType, network, profile, userData}: TemplateOptions,
  image: string,
): RequestLaunchTemplateData {
  const Tags = [...tagsOf(pool)]
  return {
    ImageId: image,
    InstanceType: instanceType as NonNullable<RequestLaunchTemplateData['InstanceType']>,
    IamInstanceProfile: {Arn: profile},
    MetadataOptions: {HttpTokens: 'required', HttpPutResponseHopLimit: 1, HttpEndpoint: 'enabled', InstanceMetadataTags: 'disabled'},
    BlockDeviceMappings: [
      {DeviceName: '/dev/xvda', Ebs: {VolumeType: 'gp3', VolumeSize: hostDiskGb, Encrypted: true, DeleteOnTermination: true}},
    ],
    NetworkInterfaces: [{DeviceIndex: 0, AssociatePublicIpAddress: true, Groups: [network.group]}],
    UserData: Buffer.from(userData).toString('base64'),
    TagSpecifications: [
      {ResourceType: 'instance', Tags},
      {ResourceType: 'volume', Tags},
    ],
  }
}

/** The launch template with this content as its default version; a new version only when the content is another. Resolves with its id. */
export async function makeTemplate(aws: Aws, pool: string, options: TemplateOptions): Promise<string> {
  const {CreateLaunchTemplateCommand, CreateLaunchTemplateVersionCommand, ModifyLaunchTemplateCommand} = await import('@aws-sdk/client-ec2')
  const client = await aws.ec2()
  return await atAws('make the launch template', async () => {
    const data = templateData(pool, options, options.image ?? (await newestImage(aws, options.arch)))
    const content = {
      LaunchTemplateName: groupName(pool),
      LaunchTemplateData: data,
      VersionDescription: createHash('sha256').update(JSON.stringify(data)).digest('hex'),
    }
    const found = await findTemplate(aws, pool)
    if (found === undefined) {
      const TagSpecifications = [{ResourceType: 'launch-template' as const, Tags: [...tagsOf(pool)]}]
      const made = await client.send(new CreateLaunchTemplateCommand({...content, TagSpecifications}))
      return made.LaunchTemplate?.LaunchTemplateId ?? ''
    }
    if (found.description === content.VersionDescription) return found.id
    const next = await client.send(new CreateLaunchTemplateVersionCommand(content))
    const DefaultVersion = String(next.LaunchTemplateVersion?.VersionNumber ?? 1)
    await client.send(new ModifyLaunchTemplateCommand({LaunchTemplateId: found.id, DefaultVersion}))
    return found.id
  })
}

async function findTemplate(aws: Aws, pool: string): Promise<{readonly id: string; readonly description: string | undefined} | undefined> {
  const {DescribeLaunchTemplatesCommand, DescribeLaunchTemplateVersionsCommand} = await import('@aws-sdk/client-ec2')
  const client = await aws.ec2()
  const Filters = [{Name: 'launch-template-name', Values: [groupName(pool)]}]
  const id = (await client.send(new DescribeLaunchTemplatesCommand({Filters}))).LaunchTemplates?.[0]?.LaunchTemplateId
  if (id === undefined) return undefined
  const {LaunchTemplateVersions = []} = await client.send(
    new DescribeLaunchTemplateVersionsCommand({LaunchTemplateId: id, Versions: ['$Default']}),
  )
  return {id, description: LaunchTemplateVersions[0]?.VersionDescription}
}

/** Amazon Linux 2023, as AWS itself names the newest in a parameter that anybody may read. */
async function newestImage(aws: Aws, arch: 'x64' | 'arm64'): Promise<string> {
  const {GetParameterCommand} = await import('@aws-sdk/client-ssm')
  const name = `/aws/service/ami-amazon-linux-latest/al2023-ami-kernel-default-${arch === 'x64' ? 'x86_64' : 'arm64'}`
  const {Parameter} = await (await aws.ssm()).send(new GetParameterCommand({Name: name}))
  if (Parameter?.Value !== undefined) return Parameter.Value
  throw new HomeportError('TARGET_FAILED', `AWS names no image of Amazon Linux 2023 in ${aws.region}.`, {
    hint: 'Choose another region with AWS_REGION.',
  })
}

export type GroupOptions = {
  readonly size: number
  readonly template: string
  readonly subnets: readonly string[]
  readonly targetGroups: readonly string[]
  /** Between tries while AWS does not know the profile of the hosts yet. */
  readonly profileWaitMs?: number
}

const profileTries = 12
const defaultProfileWaitMs = 5_000

/**
 * The auto scaling group over the zones with `size` hosts; one that is there grows to it and never shrinks here, since hosts that
 * leave are drained first (`pool:scale`). It replaces what died and moves nothing between zones by itself: managers stay.
 */
export async function makeGroup(
  aws: Aws,
  pool: string,
  {size, template, subnets, targetGroups, profileWaitMs = defaultProfileWaitMs}: GroupOptions,
): Promise<void> {
  const {AttachLoadBalancerTargetGroupsCommand, CreateAutoScalingGroupCommand, DescribeAutoScalingGroupsCommand, SuspendProcessesCommand} =
    await import('@aws-sdk/client-auto-scaling')
  const client = await aws.autoScaling()
  const name = groupName(pool)
  await atAws('make the auto scaling group', async () => {
    const Tags: Tag[] = tagsOf(pool).map(tag => ({...tag, PropagateAtLaunch: true, ResourceId: name, ResourceType: 'auto-scaling-group'}))
    const {AutoScalingGroups = []} = await client.send(new DescribeAutoScalingGroupsCommand({AutoScalingGroupNames: [name]}))
    const keepInPlace = () => client.send(new SuspendProcessesCommand({AutoScalingGroupName: name, ScalingProcesses: ['AZRebalance']}))
    const [found] = AutoScalingGroups
    if (found !== undefined) {
      if (size > (found.DesiredCapacity ?? 0)) await scaleGroup(aws, pool, size)
      await keepInPlace()
      if (targetGroups.length === 0) return
      await client.send(new AttachLoadBalancerTargetGroupsCommand({AutoScalingGroupName: name, TargetGroupARNs: [...targetGroups]}))
      return
    }
    const group = new CreateAutoScalingGroupCommand({
      AutoScalingGroupName: name,
      LaunchTemplate: {LaunchTemplateId: template, Version: '$Default'},
      MinSize: Math.min(size, 1),
      MaxSize: Math.max(size, 1),
      DesiredCapacity: size,
      VPCZoneIdentifier: subnets.join(','),
      HealthCheckType: 'EC2',
      HealthCheckGracePeriod: 300,
      Tags,
      ...(targetGroups.length === 0 ? {} : {TargetGroupARNs: [...targetGroups]}),
    })
    await whenProfileIsKnown(() => client.send(group), profileWaitMs)
    await keepInPlace()
  })
}

/** What IAM just made is known everywhere only after some seconds: until then EC2 calls the profile of the hosts invalid. */
async function whenProfileIsKnown<T>(action: () => Promise<T>, waitMs: number): Promise<T> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await action()
    } catch (error) {
      if (attempt >= profileTries || !(error instanceof Error) || !/instance ?profile/i.test(error.message)) throw error
      await wait(waitMs)
    }
  }
}

export async function scaleGroup(aws: Aws, pool: string, size: number): Promise<void> {
  const {UpdateAutoScalingGroupCommand} = await import('@aws-sdk/client-auto-scaling')
  const client = await aws.autoScaling()
  const AutoScalingGroupName = groupName(pool)
  await atAws(`scale the pool to ${size}`, () =>
    client.send(
      new UpdateAutoScalingGroupCommand({
        AutoScalingGroupName,
        MinSize: Math.min(size, 1),
        MaxSize: Math.max(size, 1),
        DesiredCapacity: size,
      }),
    ),
  )
}

/** Takes one machine away, and the group's size with it. */
export async function terminateInstance(aws: Aws, instance: string): Promise<void> {
  const {TerminateInstanceInAutoScalingGroupCommand} = await import('@aws-sdk/client-auto-scaling')
  const client = await aws.autoScaling()
  await atAws(`take ${instance} away`, () =>
    client.send(new TerminateInstanceInAutoScalingGroupCommand({InstanceId: instance, ShouldDecrementDesiredCapacity: true})),
  )
}

/** Running machines, found by the pool's tag. */
export async function listInstances(aws: Aws, pool: string): Promise<readonly Instance[]> {
  const {paginateDescribeInstances} = await import('@aws-sdk/client-ec2')
  const client = await aws.ec2()
  const Filters = [
    {Name: 'tag:homeport:pool', Values: [pool]},
    {Name: 'instance-state-name', Values: ['pending', 'running']},
  ]
  const found = await atAws('find the hosts', async () => {
    const instances = []
    for await (const {Reservations = []} of paginateDescribeInstances({client}, {Filters}))
      instances.push(...Reservations.flatMap(({Instances = []}) => Instances))
    return instances
  })
  return found
    .map(({InstanceId = '', PrivateIpAddress = '', PublicIpAddress, Placement}) => ({
      id: InstanceId,
      privateAddress: PrivateIpAddress,
      publicAddress: PublicIpAddress,
      zone: Placement?.AvailabilityZone ?? '',
    }))
    .sort((one, other) => (one.id < other.id ? -1 : 1))
}

export async function removeGroup(aws: Aws, pool: string): Promise<boolean> {
  const {DeleteAutoScalingGroupCommand} = await import('@aws-sdk/client-auto-scaling')
  const client = await aws.autoScaling()
  return await atAws('remove the auto scaling group', async () => {
    try {
      await client.send(new DeleteAutoScalingGroupCommand({AutoScalingGroupName: groupName(pool), ForceDelete: true}))
      return true
    } catch (error) {
      if (isMissing(error)) return false
      throw error
    }
  })
}

export async function removeTemplate(aws: Aws, pool: string): Promise<boolean> {
  const {DeleteLaunchTemplateCommand} = await import('@aws-sdk/client-ec2')
  return await atAws('remove the launch template', async () => {
    const found = await findTemplate(aws, pool)
    if (found === undefined) return false
    await (await aws.ec2()).send(new DeleteLaunchTemplateCommand({LaunchTemplateId: found.id}))
    return true
  })
}

export function groupName(pool: string): string {
  return `homeport-${pool}`
}
