import {setTimeout as wait} from 'node:timers/promises'
import type {HostDocker} from '../../../engines/pool/swarm/host-docker.ts'
import type {Parameters} from '../../../lib/parameters.ts'
import {managerCount} from '../../../model/pool-setup.ts'

/** What a host must know to come into the swarm of its pool; a secret. */
export type JoinSecret = {readonly addresses: readonly string[]; readonly manager: string; readonly worker: string}

export type JoinOptions = {
  readonly docker: HostDocker
  readonly parameters: Parameters
  /** Of this host. */
  readonly address: string
  readonly host: string
  /** Of the pool. */
  readonly size: number
  readonly timeoutMs?: number
}

const joinMs = 300_000
const lookEveryMs = 500

/**
 * Brings this host into the swarm of its pool: the first one makes it, the next two become managers, the others workers. Who is
 * what is claimed by name, so that any number of hosts may come at once. A host that is in is left as it is.
 */
export async function joinHost({docker, parameters, address, host, size, timeoutMs = joinMs}: JoinOptions): Promise<void> {
  const giveUpAt = Date.now() + timeoutMs
  if ((await docker.membership()).isMember) return
  if ((await parameters.get('join')) === undefined && (await claim(parameters, 'first', host))) {
    await docker.initSwarm(address)
    await writeJoinSecret({docker, parameters, addresses: [address]})
    return
  }
  const isManager = await claimsManager(parameters, host, managerCount(size))
  for (let _attempt = 0; ; _attempt++) {
    const secret = await parameters.get('join')
    if (secret !== undefined) {
      const {addresses, manager, worker} = JSON.parse(secret) as JoinSecret
      await docker.joinSwarm({token: isManager ? manager : worker, addresses, own: address}).catch(() => {})
      if (await untilMember(docker, giveUpAt)) return
      await docker.leaveSwarm().catch(() => {})
    }
    if (Date.now() > giveUpAt) throw new Error(`This host could not join the pool within ${timeoutMs / 1000} s.`)
    await wait(lookEveryMs)
  }
}

/** Tells hosts to come where to come in and by which token. */
export async function writeJoinSecret({
  docker,
  parameters,
  addresses,
}: {
  readonly docker: HostDocker
  readonly parameters: Parameters
  readonly addresses: readonly string[]
}): Promise<void> {
  const secret: JoinSecret = {addresses, ...(await docker.joinTokens())}
  await parameters.put('join', JSON.stringify(secret))
}

/** A claim that is ours already counts: this may run again. */
async function claim(parameters: Parameters, name: string, host: string): Promise<boolean> {
  return (await parameters.create(name, host)) || (await parameters.get(name)) === host
}

async function claimsManager(parameters: Parameters, host: string, managers: number): Promise<boolean> {
  for (let number = 2; number <= managers; number++) if (await claim(parameters, `manager-${number}`, host)) return true
  return false
}

/** A join that is under way goes on by itself for a while. */
async function untilMember(docker: HostDocker, giveUpAt: number): Promise<boolean> {
  for (let look = 0; look < 60 && Date.now() < giveUpAt; look++) {
    const {isMember, nodeId} = await docker.membership()
    if (isMember && nodeId !== '') return true
    await wait(lookEveryMs)
  }
  return false
}
