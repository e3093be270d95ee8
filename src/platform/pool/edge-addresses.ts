import type {Aws} from '../../engines/cloud/aws/aws.ts'
import {findBalancer} from '../../engines/cloud/aws/pool-balancer.ts'
import {listInstances} from '../../engines/cloud/aws/pool-hosts.ts'
import type {PoolContext} from './pool-context.ts'

/** Where users come in: the balancer's name, else the addresses of the hosts that route, which are the managers. */
export async function edgeAddresses(aws: Aws, {pool, engine}: Pick<PoolContext, 'pool' | 'engine'>): Promise<readonly string[]> {
  const balancer = await findBalancer(aws, pool.name)
  if (balancer !== undefined) return [balancer]
  const [instances, hosts] = await Promise.all([listInstances(aws, pool.name), engine.hosts()])
  const managers = new Set(hosts.filter(host => host.isManager && host.state !== 'down').map(host => host.address))
  return instances
    .filter(({privateAddress}) => managers.has(privateAddress))
    .map(({publicAddress, privateAddress}) => publicAddress ?? privateAddress)
}
