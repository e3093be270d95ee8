import {HomeportError} from '../../../model/error.ts'
import {type Aws, tagsOf} from './aws.ts'
import {atAws} from './aws-error.ts'

export type PoolNetwork = {readonly vpc: string; readonly subnets: readonly string[]; readonly group: string}

/** Ports of the engine among the hosts themselves: cluster, gossip, and where dynos are published. */
const ownPorts = [
  {protocol: 'tcp', from: 2377, to: 2377},
  {protocol: 'tcp', from: 7946, to: 7946},
  {protocol: 'udp', from: 7946, to: 7946},
  {protocol: 'tcp', from: 32_768, to: 60_999},
  {protocol: 'tcp', from: 5090, to: 5090},
] as const

/** The default network of the region with one subnet a zone, and the security group of a pool in it: no port 22. */
export async function makeNetwork(aws: Aws, pool: string): Promise<PoolNetwork> {
  const {AuthorizeSecurityGroupIngressCommand, CreateSecurityGroupCommand, DescribeSubnetsCommand, DescribeVpcsCommand} = await import(
    '@aws-sdk/client-ec2'
  )
  const client = await aws.ec2()
  return await atAws('make the security group', async () => {
    const {Vpcs = []} = await client.send(new DescribeVpcsCommand({Filters: [{Name: 'is-default', Values: ['true']}]}))
    const vpc = Vpcs[0]?.VpcId
    if (vpc === undefined) {
      throw new HomeportError('TARGET_FAILED', `There is no default VPC in ${aws.region}.`, {
        hint: 'Make one with `aws ec2 create-default-vpc`.',
      })
    }
    const {Subnets = []} = await client.send(
      new DescribeSubnetsCommand({
        Filters: [
          {Name: 'vpc-id', Values: [vpc]},
          {Name: 'default-for-az', Values: ['true']},
        ],
      }),
    )
    const subnets = Subnets.flatMap(subnet => subnet.SubnetId ?? []).sort()
    const found = await findGroup(aws, pool, vpc)
    const made =
      found ??
      (
        await client.send(
          new CreateSecurityGroupCommand({
            GroupName: `homeport-${pool}`,
            Description: `Hosts of the Homeport pool ${pool}`,
            VpcId: vpc,
            TagSpecifications: [{ResourceType: 'security-group', Tags: [...tagsOf(pool)]}],
          }),
        )
      ).GroupId ??
      ''
    const rules = [
      ...[80, 443].map(port => ({
        IpProtocol: 'tcp',
        FromPort: port,
        ToPort: port,
        IpRanges: [{CidrIp: '0.0.0.0/0', Description: 'router'}],
        Ipv6Ranges: [{CidrIpv6: '::/0', Description: 'router'}],
      })),
      ...ownPorts.map(({protocol, from, to}) => ({IpProtocol: protocol, FromPort: from, ToPort: to, UserIdGroupPairs: [{GroupId: made}]})),
    ]
    for (const rule of rules) {
      await client.send(new AuthorizeSecurityGroupIngressCommand({GroupId: made, IpPermissions: [rule]})).catch(error => {
        if ((error as Error).name !== 'InvalidPermission.Duplicate') throw error
      })
    }
    return {vpc, subnets, group: made}
  })
}

async function findGroup(aws: Aws, pool: string, vpc?: string): Promise<string | undefined> {
  const {DescribeSecurityGroupsCommand} = await import('@aws-sdk/client-ec2')
  const client = await aws.ec2()
  const filters = [{Name: 'tag:homeport:pool', Values: [pool]}, ...(vpc === undefined ? [] : [{Name: 'vpc-id', Values: [vpc]}])]
  return (await client.send(new DescribeSecurityGroupsCommand({Filters: filters}))).SecurityGroups?.[0]?.GroupId
}

export async function removeNetwork(aws: Aws, pool: string): Promise<boolean> {
  const {DeleteSecurityGroupCommand} = await import('@aws-sdk/client-ec2')
  return await atAws('remove the security group', async () => {
    const found = await findGroup(aws, pool)
    if (found === undefined) return false
    await (await aws.ec2()).send(new DeleteSecurityGroupCommand({GroupId: found}))
    return true
  })
}
