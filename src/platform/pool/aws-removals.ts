import {setTimeout as wait} from 'node:timers/promises'
import type {Aws} from '../../engines/cloud/aws/aws.ts'
import {removeBalancer} from '../../engines/cloud/aws/pool-balancer.ts'
import {removeGroup, removeTemplate} from '../../engines/cloud/aws/pool-hosts.ts'
import {removeNetwork} from '../../engines/cloud/aws/pool-network.ts'
import {removeRole} from '../../engines/cloud/aws/pool-role.ts'
import {removeBucket, removeKey} from '../../engines/cloud/aws/pool-storage.ts'
import {removeParameters} from '../../engines/cloud/aws/ssm-parameters.ts'
import type {Removal} from './destroy-pool.ts'

/** A security group can go only when the last machine in it has. */
const networkTries = 30
const networkWaitMs = 10_000

/** All that a pool has on AWS, in the order in which it can be removed. */
export function awsRemovals(aws: Aws, pool: string): readonly Removal[] {
  return [
    {name: 'hosts', remove: () => removeGroup(aws, pool)},
    {name: 'balancer', remove: () => removeBalancer(aws, pool)},
    {name: 'template', remove: () => removeTemplate(aws, pool)},
    {name: 'network', remove: () => removeNetworkInTime(aws, pool)},
    {name: 'role', remove: () => removeRole(aws, pool)},
    {name: 'join secret', remove: () => removeParameters(aws, pool)},
    {name: 'key', remove: () => removeKey(aws, pool)},
    {name: 'bucket', remove: () => removeBucket(aws, pool)},
  ]
}

async function removeNetworkInTime(aws: Aws, pool: string): Promise<boolean> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await removeNetwork(aws, pool)
    } catch (error) {
      if (attempt >= networkTries || !(error instanceof Error) || !error.message.includes('DependencyViolation')) throw error
      await wait(networkWaitMs)
    }
  }
}
