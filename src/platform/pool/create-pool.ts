import {setTimeout as wait} from 'node:timers/promises'
import {HomeportError} from '../../model/error.ts'
import type {Emit} from '../../model/event.ts'
import type {Host, Stack} from '../../model/pool.ts'
import {instanceType} from '../../model/pool-cost.ts'
import {managerCount, type PoolWish} from '../../model/pool-setup.ts'
import {tellStep} from './pool-context.ts'

/** What a cloud does for a pool; every call finds what is done already. */
export type PoolCloud = {
  makeStorage(): Promise<void>
  makeKey(): Promise<void>
  makeRole(): Promise<void>
  makeNetwork(): Promise<void>
  makeBalancer(certificate: string | undefined): Promise<string>
  makeTemplate(instanceType: string, arch: 'x64' | 'arm64'): Promise<void>
  makeHosts(size: number): Promise<void>
  writeStack(): Promise<Stack>
  writePool(size: number, instanceType: string, stack: Stack): Promise<void>
  /** Hosts as the engine knows them; none while it cannot be reached yet. */
  joinedHosts(): Promise<readonly Host[]>
  /** What can be done only when the hosts are there: the stack's layers, the routers. */
  finish(): Promise<void>
  /** Where users come in: the balancer's name, else the addresses of the hosts. */
  edgeAddresses(): Promise<readonly string[]>
}

export type CreatePoolOptions = {readonly emit: Emit; readonly joinMs?: number; readonly signal?: AbortSignal}
export type CreatedPool = {readonly hosts: readonly Host[]; readonly addresses: readonly string[]}

const joinTimeoutMs = 600_000
const lookEveryMs = 1_000

/**
 * Makes a pool, or goes on where making it stopped. Resolves when every host has joined and the managers agree; rejects with
 * TARGET_FAILED when one never joins, and leaves what is there for the next try or for `pool:destroy`.
 */
export async function createPool(
  wish: PoolWish,
  cloud: PoolCloud,
  {emit, joinMs = joinTimeoutMs, signal}: CreatePoolOptions,
): Promise<CreatedPool> {
  const {size, hasBalancer, certificate} = wish
  const {arch, name} = instanceType(wish.instanceType)
  await tellStep(emit, 'bucket', 'and its protection', () => cloud.makeStorage())
  await tellStep(emit, 'key', 'for config vars', () => cloud.makeKey())
  await tellStep(emit, 'role', 'of the hosts', () => cloud.makeRole())
  await tellStep(emit, 'network', 'security group', () => cloud.makeNetwork())
  const stack = await tellStep(emit, 'stack', 'into the bucket', () => cloud.writeStack())
  await cloud.writePool(size, name, stack)
  await tellStep(emit, 'template', name, () => cloud.makeTemplate(name, arch))
  if (hasBalancer) await tellStep(emit, 'balancer', certificate === undefined ? 'HTTP' : 'HTTPS', () => cloud.makeBalancer(certificate))
  await tellStep(emit, 'hosts', String(size), () => cloud.makeHosts(size))
  const hosts = await tellStep(emit, 'quorum', `${size} hosts`, () =>
    untilJoined(cloud, {size, joinMs, ...(signal === undefined ? {} : {signal})}),
  )
  await tellStep(emit, 'edge', 'routers', () => cloud.finish())
  return {hosts, addresses: await cloud.edgeAddresses()}
}

async function untilJoined(
  cloud: PoolCloud,
  {size, joinMs, signal}: {readonly size: number; readonly joinMs: number; readonly signal?: AbortSignal},
): Promise<readonly Host[]> {
  const giveUpAt = Date.now() + joinMs
  for (;;) {
    const ready = (await cloud.joinedHosts()).filter(host => host.state === 'ready')
    if (ready.length >= size && ready.filter(host => host.isManager).length >= managerCount(size)) return ready
    if (Date.now() > giveUpAt) {
      throw new HomeportError(
        'TARGET_FAILED',
        `Only ${ready.length} of ${size} hosts have joined the pool within ${Math.round(joinMs / 1000)} s.`,
        {
          hint: 'Run the same command again to go on waiting. What a host did at its start stands in its /var/log/cloud-init-output.log.',
        },
      )
    }
    await wait(lookEveryMs, undefined, signal === undefined ? {} : {signal})
  }
}
