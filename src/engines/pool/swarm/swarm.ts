import {setTimeout as wait} from 'node:timers/promises'
import type {DynoGroup} from '../../../model/dyno-group.ts'
import {HomeportError} from '../../../model/error.ts'
import type {Host, PoolDyno} from '../../../model/pool.ts'
import {renderConfigFile} from '../boot-script.ts'
import type {
  HostJob,
  HostJobResult,
  LogOptions,
  OneOff,
  OneOffEnd,
  PoolEngine,
  PoolLogLine,
  Rollout,
  RunOnceOptions,
  SubmitOptions,
  SubmittedGroup,
} from '../engine.ts'
import {DockerApi, type DockerApiOptions, DockerError} from './docker-api.ts'
import type {DockerNode, DockerSecret, DockerService, DockerTask, ServiceSpec} from './docker-types.ts'
import {HostLogs} from './host-logs.ts'
import {runHostJob, runOneOff} from './swarm-jobs.ts'
import {groupSpec, hostServiceSpec, labels, type SecretReference, secretName, serviceName} from './swarm-spec.ts'
import {dynoContainer, dynosOf, groupsOf, hostsOf} from './swarm-state.ts'
import {watchRollout} from './swarm-watch.ts'

const maxAttempts = 8
const lookEveryMs = 300

/** Docker Swarm mode as the engine of a pool, through the API of its managers. Keeps no state of its own but what spares it a mistake. */
export class Swarm implements PoolEngine {
  readonly #api: DockerApi
  readonly #logs: HostLogs
  /** Of services that were updated here: the status of the update before. */
  readonly #staleStatus = new Map<string, string | undefined>()

  constructor(options: DockerApiOptions) {
    this.#api = new DockerApi(options)
    this.#logs = new HostLogs(options.managers)
  }

  async hosts(): Promise<readonly Host[]> {
    const [nodes, tasks] = await Promise.all([this.#nodes(), this.#tasks({})])
    return hostsOf(nodes, tasks)
  }

  async drain(host: string): Promise<void> {
    await this.#changeNode(host, {Availability: 'drain'})
  }

  async activate(host: string): Promise<void> {
    await this.#changeNode(host, {Availability: 'active'})
  }

  async promote(host: string): Promise<void> {
    await this.#changeNode(host, {Role: 'manager'})
  }

  async forgetHost(host: string): Promise<void> {
    const node = await this.#node(host)
    if (node.Spec.Role === 'manager') await this.#changeNode(host, {Role: 'worker'})
    await this.#api.remove(`/nodes/${node.ID}?force=true`)
  }

  async storeConfig(app: string, hash: string, values: ReadonlyMap<string, string>): Promise<void> {
    const data = Buffer.from(`# config vars\n${renderConfigFile(values)}`).toString('base64')
    const body = {Name: secretName(app, hash), Labels: {[labels.app]: app, [labels.config]: hash}, Data: data}
    try {
      await this.#api.post('/secrets/create', {body})
    } catch (error) {
      if (!(error instanceof DockerError && error.isNameTaken)) throw error
    }
  }

  async forgetConfigs(app: string, kept: readonly string[]): Promise<void> {
    for (const secret of await this.#secrets({label: [`${labels.app}=${app}`]})) {
      if (kept.includes(secret.Spec.Labels?.[labels.config] ?? '')) continue
      // One that a dyno has is in use, and is forgotten the next time.
      await this.#api.remove(`/secrets/${secret.ID}`).catch(error => {
        if (!(error instanceof DockerError)) throw error
      })
    }
  }

  async groups(app?: string): Promise<readonly SubmittedGroup[]> {
    return groupsOf(await this.#services(app))
  }

  async submit(group: DynoGroup, {fence}: SubmitOptions): Promise<'created' | 'updated' | 'unchanged'> {
    const spec = groupSpec(group, await this.#secret(group.app, group.config))
    for (let attempt = 0; ; attempt++) {
      const found = await this.#service(spec.Name)
      const running = Number(found?.Spec.Labels[labels.release] ?? 0)
      if (running > fence) throw overtaken(group.app, running, fence)
      if (found !== undefined && isSameSpec(found.Spec, spec)) return 'unchanged'
      try {
        if (found === undefined) await this.#api.post('/services/create', {body: spec})
        else {
          await this.#update(found, spec)
          this.#staleStatus.set(spec.Name, JSON.stringify(found.UpdateStatus))
        }
        return found === undefined ? 'created' : 'updated'
      } catch (error) {
        const isRace = error instanceof DockerError && (error.isOutOfSequence || error.isNameTaken)
        if (!isRace || attempt >= maxAttempts) throw error
      }
    }
  }

  watch(group: DynoGroup, {signal}: {readonly signal?: AbortSignal}): Promise<Rollout> {
    const stale = this.#staleStatus.get(serviceName(group.app, group.type))
    return watchRollout(this.#api, group, {stale, logs: this.#logs, ...(signal === undefined ? {} : {signal})})
  }

  async scale(app: string, type: string, quantity: number): Promise<void> {
    await this.#change(app, type, spec => ({...spec, Mode: {Replicated: {Replicas: quantity}}}))
  }

  async restart(app: string, type?: string): Promise<void> {
    const types = type === undefined ? (await this.groups(app)).map(group => group.type) : [type]
    for (const each of types) {
      await this.#change(app, each, spec => ({
        ...spec,
        TaskTemplate: {...spec.TaskTemplate, ForceUpdate: (spec.TaskTemplate.ForceUpdate ?? 0) + 1},
      }))
    }
  }

  async setDomains(app: string, domains: readonly string[]): Promise<void> {
    if ((await this.#service(serviceName(app, 'web'))) === undefined) return
    await this.#change(app, 'web', spec => ({...spec, Labels: {...spec.Labels, [labels.domains]: JSON.stringify(domains)}}))
  }

  async dynos(app?: string): Promise<readonly PoolDyno[]> {
    const filter = app === undefined ? {} : {label: [`${labels.app}=${app}`]}
    const [nodes, tasks, services] = await Promise.all([this.#nodes(), this.#tasks(filter), this.#services(app)])
    // What was removed is remembered for a while.
    const there = new Set(services.map(({ID}) => ID))
    const dynos = dynosOf(
      tasks.filter(task => there.has(task.ServiceID)),
      nodes,
    )
    return app === undefined ? dynos : dynos.filter(dyno => dyno.app === app)
  }

  async remove(app: string, type?: string): Promise<void> {
    for (const {Spec} of await this.#services(app)) {
      if (type === undefined || Spec.Labels[labels.type] === type) await this.#api.remove(`/services/${Spec.Name}`)
    }
    if (type !== undefined) return
    for (const secret of await this.#secrets({label: [`${labels.app}=${app}`]})) await this.#api.remove(`/secrets/${secret.ID}`)
  }

  async runOnce(dyno: OneOff, options: RunOnceOptions): Promise<OneOffEnd> {
    return await runOneOff(this.#api, dyno, {...options, logs: this.#logs, secret: await this.#secret(dyno.app, dyno.config)})
  }

  runOnHosts(job: HostJob, options: {readonly timeoutMs: number; readonly signal?: AbortSignal}): Promise<readonly HostJobResult[]> {
    return runHostJob(this.#api, job, {...options, logs: this.#logs})
  }

  async pullImage(reference: string): Promise<{readonly reference: string; readonly layers: readonly string[]}> {
    await this.#api.send(`/images/create?fromImage=${encodeURIComponent(reference)}`, undefined)
    return await this.imageFacts(reference)
  }

  /** An image that the managers have: by its digest, where it has one, and with its layers. */
  async imageFacts(reference: string): Promise<{readonly reference: string; readonly layers: readonly string[]}> {
    const image = await this.#api.get<{RepoDigests?: readonly string[]; RootFS: {Layers: readonly string[]}}>(
      `/images/${encodeURIComponent(reference)}/json`,
    )
    return {reference: image.RepoDigests?.[0] ?? reference, layers: image.RootFS.Layers}
  }

  async keepOnHosts(job: HostJob, {onlyManagers}: {readonly onlyManagers: boolean}): Promise<void> {
    const spec = hostServiceSpec(job, onlyManagers)
    const found = await this.#service(spec.Name)
    if (found === undefined) await this.#api.post('/services/create', {body: spec})
    else if (found.Spec.Labels[labels.content] !== spec.Labels[labels.content]) await this.#update(found, spec)
  }

  logs(app: string, options: LogOptions): AsyncIterable<PoolLogLine> {
    return this.#logs.all(async () => {
      const [nodes, tasks] = await Promise.all([this.#nodes(), this.#tasks({label: [`${labels.app}=${app}`]})])
      const byId = new Map(nodes.map(node => [node.ID, node]))
      return tasks.flatMap(task => {
        const node = byId.get(task.NodeID ?? '')
        const container = node === undefined ? undefined : dynoContainer(task, node)
        return container === undefined || options.types?.includes(container.type) === false ? [] : [container]
      })
    }, options)
  }

  async *changes({signal}: {readonly signal: AbortSignal}): AsyncIterable<void> {
    let before = ''
    while (!signal.aborted) {
      const [nodes, tasks, services] = await Promise.all([this.#nodes(), this.#tasks({}), this.#services()])
      const now = JSON.stringify([nodes, tasks, services].map(list => list.map(({ID, Version}) => [ID, Version.Index])))
      if (now !== before) yield
      before = now
      await wait(lookEveryMs, undefined, {signal}).catch(() => {})
    }
  }

  /** Reads, changes and writes again while others change it too: a conflict is read again, never overwritten. */
  async #change(app: string, type: string, change: (spec: ServiceSpec) => ServiceSpec): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const found = await this.#service(serviceName(app, type))
      if (found === undefined)
        throw new HomeportError('UNKNOWN_TYPE', `${app} has no process type “${type}” on this pool.`, {
          hint: 'See `homeport ps --target ec2`.',
        })
      try {
        return await this.#update(found, change(found.Spec))
      } catch (error) {
        if (!(error instanceof DockerError && error.isOutOfSequence) || attempt >= maxAttempts) throw error
      }
    }
  }

  async #update({ID, Version}: DockerService, spec: ServiceSpec): Promise<void> {
    await this.#api.post(`/services/${ID}/update`, {query: {version: String(Version.Index)}, body: spec})
  }

  async #changeNode(host: string, change: Partial<DockerNode['Spec']>): Promise<void> {
    for (let attempt = 0; ; attempt++) {
      const node = await this.#node(host)
      const body = {...node.Spec, ...change}
      if (JSON.stringify(body) === JSON.stringify(node.Spec)) return
      try {
        await this.#api.post(`/nodes/${node.ID}/update`, {query: {version: String(node.Version.Index)}, body})
        return
      } catch (error) {
        if (!(error instanceof DockerError && error.isOutOfSequence) || attempt >= maxAttempts) throw error
      }
    }
  }

  async #node(host: string): Promise<DockerNode> {
    const nodes = await this.#nodes()
    const named = nodes.filter(node => node.ID === host || node.Description?.Hostname === host)
    const node = named.find(each => each.Status.State === 'ready') ?? named[0]
    if (node !== undefined) return node
    const names = nodes.map(each => each.Description?.Hostname ?? each.ID).join(', ')
    throw new HomeportError('UNKNOWN_HOST', `The pool has no host “${host}”.`, {hint: `It has ${names}.`})
  }

  async #secret(app: string, config: string): Promise<SecretReference> {
    const name = secretName(app, config)
    const [secret] = await this.#secrets({name: [name]})
    if (secret === undefined) throw new Error(`The config vars ${config} of ${app} were not stored in the engine`)
    return {id: secret.ID, name}
  }

  async #service(name: string): Promise<DockerService | undefined> {
    try {
      return await this.#api.get<DockerService>(`/services/${name}`)
    } catch (error) {
      if (error instanceof DockerError && error.status === 404) return undefined
      throw error
    }
  }

  async #services(app?: string): Promise<readonly DockerService[]> {
    const filters = {label: [app === undefined ? labels.app : `${labels.app}=${app}`]}
    return await this.#api.get<readonly DockerService[]>('/services', {query: {filters: JSON.stringify(filters)}})
  }

  async #secrets(filters: object): Promise<readonly DockerSecret[]> {
    return await this.#api.get<readonly DockerSecret[]>('/secrets', {query: {filters: JSON.stringify(filters)}})
  }

  async #nodes(): Promise<readonly DockerNode[]> {
    return await this.#api.get<readonly DockerNode[]>('/nodes')
  }

  async #tasks(filters: object): Promise<readonly DockerTask[]> {
    return await this.#api.get<readonly DockerTask[]>('/tasks', {query: {filters: JSON.stringify(filters)}})
  }
}

/** What Swarm gives back has defaults filled in; labels hold all that we decide but the command and the numbers. */
function isSameSpec(one: ServiceSpec, other: ServiceSpec): boolean {
  const facts = ({Labels, Mode, TaskTemplate}: ServiceSpec) =>
    JSON.stringify([Object.entries(Labels).sort(), Mode.Replicated?.Replicas, TaskTemplate.ContainerSpec['Args']])
  return facts(one) === facts(other)
}

function overtaken(app: string, running: number, fence: number): HomeportError {
  return new HomeportError(
    'DEPLOY_CONFLICT',
    `${app} runs release v${running} by now, which is newer than v${fence}: somebody else deployed. Nothing was overwritten.`,
    {
      hint: 'See who with `homeport releases --target ec2`, then deploy again if you still want to.',
    },
  )
}
