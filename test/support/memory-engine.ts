import type {
  HostJob,
  HostJobResult,
  OneOff,
  OneOffEnd,
  PoolEngine,
  PoolLogLine,
  Rollout,
  RunOnceOptions,
  SubmitOptions,
  SubmittedGroup,
} from '../../src/engines/pool/engine.ts'
import type {DynoGroup} from '../../src/model/dyno-group.ts'
import {HomeportError} from '../../src/model/error.ts'
import type {Host, PoolDyno} from '../../src/model/pool.ts'
import {host} from './pool-values.ts'

/** How the dynos of a command end up, for the protocol of releases; real engines are tested with real hosts (test/pool). */
export type Behaviour = (group: DynoGroup) => Rollout

/** An engine that only remembers. */
export class MemoryEngine implements PoolEngine {
  readonly running = new Map<string, DynoGroup>()
  readonly configs = new Map<string, ReadonlyMap<string, string>>()
  readonly jobs: HostJob[] = []
  readonly oneOffs: OneOff[] = []
  hostList: readonly Host[] = ['h1', 'h2', 'h3'].map(id => host(id, {isManager: true}))
  behaviour: Behaviour = () => ({status: 'up'})
  oneOffEnd: OneOffEnd = {exitCode: 0, host: 'h1', message: undefined}
  jobResults: readonly HostJobResult[] = [{host: 'h1', isDone: true, message: 'done'}]
  /** Called before each call; may throw, as a network does. */
  onCall: (name: string) => void = () => {}
  readonly #before = new Map<string, DynoGroup | undefined>()

  async hosts(): Promise<readonly Host[]> {
    this.onCall('hosts')
    return this.hostList
  }

  async drain(_host: string): Promise<void> {}
  async activate(): Promise<void> {}
  async promote(): Promise<void> {}
  async forgetHost(_host: string): Promise<void> {}
  async keepOnHosts(): Promise<void> {}
  async pullImage(reference: string): Promise<{reference: string; layers: readonly string[]}> {
    return {reference, layers: ['sha256:2']}
  }

  async storeConfig(app: string, hash: string, values: ReadonlyMap<string, string>): Promise<void> {
    this.onCall('storeConfig')
    this.configs.set(`${app} ${hash}`, values)
  }

  async forgetConfigs(app: string, kept: readonly string[]): Promise<void> {
    this.onCall('forgetConfigs')
    for (const name of this.configs.keys())
      if (name.startsWith(`${app} `) && !kept.some(hash => name.endsWith(hash))) this.configs.delete(name)
  }

  async groups(app?: string): Promise<readonly SubmittedGroup[]> {
    this.onCall('groups')
    return [...this.running.values()]
      .filter(group => app === undefined || group.app === app)
      .map(group => ({...group, size: group.size.name}))
  }

  async submit(group: DynoGroup, {fence}: SubmitOptions): Promise<'created' | 'updated' | 'unchanged'> {
    this.onCall(`submit ${group.type}`)
    const name = `${group.app} ${group.type}`
    const found = this.running.get(name)
    if (!this.configs.has(`${group.app} ${group.config}`)) throw new Error('config vars were not stored')
    if ((found?.release ?? 0) > fence) throw new HomeportError('DEPLOY_CONFLICT', 'newer')
    if (JSON.stringify(found) === JSON.stringify(group)) return 'unchanged'
    this.#before.set(name, found)
    this.running.set(name, group)
    return found === undefined ? 'created' : 'updated'
  }

  async watch(group: DynoGroup): Promise<Rollout> {
    this.onCall(`watch ${group.type}`)
    const rollout = this.behaviour(group)
    const name = `${group.app} ${group.type}`
    const before = this.#before.get(name)
    if (rollout.status === 'failed' && before !== undefined) this.running.set(name, before)
    return rollout
  }

  async scale(app: string, type: string, quantity: number): Promise<void> {
    const group = this.running.get(`${app} ${type}`)
    if (group === undefined) throw new HomeportError('UNKNOWN_TYPE', type)
    this.running.set(`${app} ${type}`, {...group, quantity})
  }

  async restart(): Promise<void> {}

  async setDomains(app: string, domains: readonly string[]): Promise<void> {
    const group = this.running.get(`${app} web`)
    if (group !== undefined) this.running.set(`${app} web`, {...group, domains})
  }

  async dynos(): Promise<readonly PoolDyno[]> {
    return []
  }

  async remove(app: string, type?: string): Promise<void> {
    this.onCall('remove')
    for (const [name, group] of this.running)
      if (group.app === app && (type === undefined || group.type === type)) this.running.delete(name)
  }

  async runOnce(dyno: OneOff, {onLine, onEnd}: RunOnceOptions): Promise<OneOffEnd> {
    this.onCall('runOnce')
    if (!this.oneOffs.some(known => known.dyno === dyno.dyno && known.app === dyno.app)) this.oneOffs.push(dyno)
    onLine({time: 0, source: 'app', dyno: dyno.dyno, stream: 'stdout', text: 'one-off says'})
    await onEnd?.(this.oneOffEnd)
    return this.oneOffEnd
  }

  async runOnHosts(job: HostJob): Promise<readonly HostJobResult[]> {
    this.onCall('runOnHosts')
    this.jobs.push(job)
    return this.jobResults
  }

  async *logs(): AsyncIterable<PoolLogLine> {}
  async *changes(): AsyncIterable<void> {}
}
