import {type Aws, isMissing, tagsOf} from './aws.ts'
import {atAws} from './aws-error.ts'
import type {PoolNetwork} from './pool-network.ts'

export type Balancer = {readonly address: string; readonly targetGroup: string}

/** A router that lives answers a request without a host of its own by 404. */
const healthy = {HealthCheckPath: '/', Matcher: {HttpCode: '200-499'}}

/** A load balancer over the zones that sends to the routers of the hosts; HTTPS where there is a certificate, which HTTP then leads to. */
export async function makeBalancer(
  aws: Aws,
  pool: string,
  {network, certificate}: {readonly network: PoolNetwork; readonly certificate?: string},
): Promise<Balancer> {
  const {
    CreateListenerCommand,
    CreateLoadBalancerCommand,
    CreateTargetGroupCommand,
    DescribeListenersCommand,
    DescribeLoadBalancersCommand,
    DescribeTargetGroupsCommand,
  } = await import('@aws-sdk/client-elastic-load-balancing-v2')
  const client = await aws.balancers()
  const [Name, Tags] = [`homeport-${pool}`, [...tagsOf(pool)]]
  return await atAws('make the load balancer', async () => {
    const {TargetGroups = []} =
      (await client.send(new DescribeTargetGroupsCommand({Names: [Name]})).catch(unlessMissing)) ??
      (await client.send(
        new CreateTargetGroupCommand({
          Name,
          Protocol: 'HTTP',
          Port: 80,
          VpcId: network.vpc,
          TargetType: 'instance',
          ...healthy,
          HealthCheckIntervalSeconds: 5,
          HealthyThresholdCount: 2,
          UnhealthyThresholdCount: 2,
          Tags,
        }),
      ))
    const targetGroup = TargetGroups[0]?.TargetGroupArn ?? ''
    const {LoadBalancers = []} =
      (await client.send(new DescribeLoadBalancersCommand({Names: [Name]})).catch(unlessMissing)) ??
      (await client.send(
        new CreateLoadBalancerCommand({
          Name,
          Type: 'application',
          Scheme: 'internet-facing',
          Subnets: [...network.subnets],
          SecurityGroups: [network.group],
          Tags,
        }),
      ))
    const {LoadBalancerArn = '', DNSName = ''} = LoadBalancers[0] ?? {}
    const {Listeners = []} = await client.send(new DescribeListenersCommand({LoadBalancerArn}))
    const ports = new Set(Listeners.map(listener => listener.Port))
    const forward = [{Type: 'forward' as const, TargetGroupArn: targetGroup}]
    const toHttps = [{Type: 'redirect' as const, RedirectConfig: {Protocol: 'HTTPS', Port: '443', StatusCode: 'HTTP_301' as const}}]
    if (!ports.has(80)) {
      const DefaultActions = certificate === undefined ? forward : toHttps
      await client.send(new CreateListenerCommand({LoadBalancerArn, Protocol: 'HTTP', Port: 80, DefaultActions, Tags}))
    }
    if (certificate !== undefined && !ports.has(443)) {
      const Certificates = [{CertificateArn: certificate}]
      await client.send(
        new CreateListenerCommand({
          LoadBalancerArn,
          Protocol: 'HTTPS',
          Port: 443,
          Certificates,
          SslPolicy: 'ELBSecurityPolicy-TLS13-1-2-2021-06',
          DefaultActions: forward,
          Tags,
        }),
      )
    }
    return {address: DNSName, targetGroup}
  })
}

export async function removeBalancer(aws: Aws, pool: string): Promise<boolean> {
  const {DeleteLoadBalancerCommand, DeleteTargetGroupCommand, DescribeLoadBalancersCommand, DescribeTargetGroupsCommand} = await import(
    '@aws-sdk/client-elastic-load-balancing-v2'
  )
  const client = await aws.balancers()
  const Names = [`homeport-${pool}`]
  return await atAws('remove the load balancer', async () => {
    const balancers = await client.send(new DescribeLoadBalancersCommand({Names})).catch(unlessMissing)
    for (const {LoadBalancerArn} of balancers?.LoadBalancers ?? []) await client.send(new DeleteLoadBalancerCommand({LoadBalancerArn}))
    const groups = await client.send(new DescribeTargetGroupsCommand({Names})).catch(unlessMissing)
    for (const {TargetGroupArn} of groups?.TargetGroups ?? []) await client.send(new DeleteTargetGroupCommand({TargetGroupArn}))
    return (balancers?.LoadBalancers ?? []).length > 0
  })
}

function unlessMissing(error: unknown): undefined {
  if (!isMissing(error)) throw error
}

/** The name by which users reach the balancer of a pool; undefined when it has none. */
export async function findBalancer(aws: Aws, pool: string): Promise<string | undefined> {
  const {DescribeLoadBalancersCommand} = await import('@aws-sdk/client-elastic-load-balancing-v2')
  const client = await aws.balancers()
  return await atAws('look for the load balancer', async () => {
    const found = await client.send(new DescribeLoadBalancersCommand({Names: [`homeport-${pool}`]})).catch(unlessMissing)
    return found?.LoadBalancers?.[0]?.DNSName
  })
}
