import type {Aws} from './aws.ts'
import {atAws} from './aws-error.ts'

/** Names of the pools of a region, by the tags of their groups of hosts. */
export async function listPools(aws: Aws): Promise<readonly string[]> {
  const {paginateDescribeAutoScalingGroups} = await import('@aws-sdk/client-auto-scaling')
  const client = await aws.autoScaling()
  return await atAws('find pools', async () => {
    const names = new Set<string>()
    for await (const {AutoScalingGroups = []} of paginateDescribeAutoScalingGroups({client}, {})) {
      for (const {Tags = []} of AutoScalingGroups) {
        const name = Tags.find(tag => tag.Key === 'homeport:pool')?.Value
        if (name !== undefined) names.add(name)
      }
    }
    return [...names].sort()
  })
}
