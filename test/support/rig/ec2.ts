import {type ChildProcess, spawn} from 'node:child_process'
import {writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {setTimeout as wait} from 'node:timers/promises'
import {fileURLToPath} from 'node:url'
import {DescribeInstanceAttributeCommand, DescribeInstancesCommand, EC2Client, TerminateInstancesCommand} from '@aws-sdk/client-ec2'
import type {Moto} from './moto.ts'
import type {Rig} from './rig.ts'
import type {RigHost} from './rig-host.ts'

type Machine = {readonly id: string; readonly host: RigHost; readonly facts: string; imds: ChildProcess; pid: number}

export type Ec2Options = {
  readonly rig: Rig
  readonly moto: Moto
  readonly role: string
  /** Whether a host that lost its power is terminated, so that its group replaces it, as EC2 does after its status checks. */
  readonly replacesDead?: boolean
}

const lookEveryMs = 300

/**
 * The hypervisor behind moto: an instance that runs becomes a test host with the address moto gave it, its user data and its
 * metadata service; one that is terminated loses its power.
 */
export class Ec2 {
  readonly machines = new Map<string, Machine>()
  replacesDead: boolean
  /** What went wrong at a boot, for the test to show. */
  readonly failures: unknown[] = []
  readonly #options: Ec2Options
  readonly #client: EC2Client
  readonly #stop = new AbortController()
  readonly #loop: Promise<void>
  readonly #booting = new Set<string>()

  constructor(options: Ec2Options) {
    this.#options = options
    this.replacesDead = options.replacesDead ?? false
    this.#client = new EC2Client({region: 'us-east-1', endpoint: options.moto.endpoint})
    this.#loop = this.#run()
  }

  hostOf(address: string): RigHost {
    const found = [...this.machines.values()].find(machine => machine.host.address === address)
    if (found === undefined) throw new Error(`No instance has the address ${address}.`)
    return found.host
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stop.abort()
    await this.#loop
    for (const {imds} of this.machines.values()) imds.kill()
  }

  async #run(): Promise<void> {
    while (!this.#stop.signal.aborted) {
      await this.#look().catch(error => this.failures.push(error))
      await wait(lookEveryMs, undefined, {signal: this.#stop.signal}).catch(() => {})
    }
  }

  async #look(): Promise<void> {
    const {Reservations = []} = await this.#client.send(new DescribeInstancesCommand({}))
    const work = Reservations.flatMap(({Instances = []}) => Instances).map(
      async ({InstanceId: id = '', State, PrivateIpAddress: address = '', Placement}) => {
        const machine = this.machines.get(id)
        if (machine === undefined && State?.Name === 'running' && !this.#booting.has(id)) {
          this.#booting.add(id)
          await this.#boot(id, address, Placement?.AvailabilityZone ?? '')
        } else if (machine !== undefined && State?.Name !== 'running' && State?.Name !== 'pending') {
          this.machines.delete(id)
          machine.imds.kill()
          await machine.host.dispose()
        } else if (machine?.host.isOn && machine.host.pid !== machine.pid && machine.host.pid !== 0) {
          // It was switched on again, with a network of its own.
          machine.imds.kill()
          machine.pid = machine.host.pid
          machine.imds = serveMetadata(machine.host, machine.facts)
        } else if (machine !== undefined && this.replacesDead && !machine.host.isOn) {
          await this.#client.send(new TerminateInstancesCommand({InstanceIds: [id]}))
        }
      },
    )
    await Promise.all(work)
  }

  async #boot(id: string, address: string, zone: string): Promise<void> {
    const {rig, role} = this.#options
    const {UserData} = await this.#client.send(new DescribeInstanceAttributeCommand({InstanceId: id, Attribute: 'userData'}))
    const userData = Buffer.from(UserData?.Value ?? '', 'base64').toString()
    const name = id.slice(0, 12)
    const facts = join(rig.folder, `${name}.json`)
    writeFileSync(facts, JSON.stringify({id, address, zone, role}))
    const host = await rig.boot(name, address, userData === '' ? {} : {userData})
    this.machines.set(id, {id, host, facts, pid: host.pid, imds: serveMetadata(host, facts)})
  }
}

function serveMetadata(host: RigHost, facts: string): ChildProcess {
  const program = fileURLToPath(new URL('./imds.ts', import.meta.url))
  return spawn('nsenter', ['-t', String(host.pid), '-n', process.execPath, program, facts], {stdio: 'ignore'})
}
