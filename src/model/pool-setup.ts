import {checkPoolName} from './pool.ts'
import {hostDiskGb, instanceType, planCost} from './pool-cost.ts'

/** What `pool:create` was asked for. */
export type PoolWish = {
  readonly name: string
  readonly size: number
  readonly instanceType: string
  readonly hasBalancer: boolean
  /** ARN of the certificate of the balancer's HTTPS. */
  readonly certificate?: string
}

export const setupStepNames = ['bucket', 'key', 'role', 'network', 'template', 'balancer', 'hosts', 'quorum', 'stack'] as const
export type SetupStepName = (typeof setupStepNames)[number]
export type SetupStep = {readonly name: SetupStepName; readonly detail: string}

/** How many hosts decide; the first ones. One when there are fewer than three, since two of two is no majority to lose. */
export function managerCount(size: number): number {
  return size >= 3 ? 3 : 1
}

/** The steps of `pool:create` in order, each of which is found done when run again; and what the pool costs in a month. */
export function planSetup(wish: PoolWish): {readonly steps: readonly SetupStep[]; readonly cost: ReturnType<typeof planCost>} {
  const name = checkPoolName(wish.name)
  const type = instanceType(wish.instanceType)
  const step = (stepName: SetupStepName, detail: string): SetupStep => ({name: stepName, detail})
  const secure = wish.certificate === undefined ? 'HTTP' : 'HTTP and HTTPS'
  return {
    steps: [
      step('bucket', 'versioned, encrypted, closed to the public'),
      step('key', `alias/homeport-${name}, for config vars`),
      step('role', `homeport-${name}-host, with the least rights`),
      step('network', 'security group: 80 and 443 from outside, the engine among the hosts, no 22'),
      step('template', `${type.name}, metadata service version 2 only, encrypted disk of ${hostDiskGb} GB, no key pair`),
      ...(wish.hasBalancer ? [step('balancer', `${secure}, over the zones`)] : []),
      step('hosts', `${wish.size} over the zones, ${managerCount(wish.size)} of them managers`),
      step('quorum', 'until the managers agree and every host is ready'),
      step('stack', 'on every host'),
    ],
    cost: planCost(wish),
  }
}
