import {setTimeout as wait} from 'node:timers/promises'
import type {HostJob, HostJobResult, OneOff, OneOffEnd, PoolLogLine, RunOnceOptions} from '../engine.ts'
import {type DockerApi, DockerError} from './docker-api.ts'
import type {DockerNode, DockerTask, ServiceSpec} from './docker-types.ts'
import {readServiceLog} from './swarm-logs.ts'
import {hostJobSpec, oneOffName, oneOffSpec, type SecretReference} from './swarm-spec.ts'
import {isEnded} from './swarm-state.ts'

const lookEveryMs = 300

/** A one-off dyno from its start to its end; one of that name that is there already is the same one, and is waited for. */
export async function runOneOff(
  api: DockerApi,
  dyno: OneOff,
  {secret, onLine, onEnd, signal}: RunOnceOptions & {readonly secret: SecretReference},
): Promise<OneOffEnd> {
  const name = oneOffName(dyno.app, dyno.dyno)
  await createOnce(api, oneOffSpec(dyno, secret))
  const told = {lines: 0}
  const following = new AbortController()
  const follow = followLog(api, name, {told, onLine, signal: following.signal})
  try {
    const task = await untilEnded(api, name, signal)
    following.abort()
    await follow
    // What follow had not brought yet: a log that is read to its end is whole, and has the same order.
    await tellRest(api, name, told, onLine)
    const node = task.NodeID === undefined ? undefined : await api.get<DockerNode>(`/nodes/${task.NodeID}`).catch(() => undefined)
    const isDone = task.Status.State === 'complete'
    const exitCode = task.Status.ContainerStatus?.ExitCode ?? (isDone ? 0 : 1)
    const end = {exitCode, host: node?.Description?.Hostname, message: isDone ? undefined : task.Status.Err}
    await onEnd?.(end)
    return end
  } finally {
    following.abort()
    await follow
    await api.remove(`/services/${name}`)
  }
}

async function createOnce(api: DockerApi, spec: ServiceSpec): Promise<boolean> {
  try {
    await api.post('/services/create', {body: spec})
    return true
  } catch (error) {
    if (error instanceof DockerError && error.isNameTaken) return false
    throw error
  }
}

async function untilEnded(api: DockerApi, name: string, signal: AbortSignal | undefined): Promise<DockerTask> {
  for (;;) {
    signal?.throwIfAborted()
    const tasks = await api.get<readonly DockerTask[]>('/tasks', {query: {filters: JSON.stringify({service: [name]})}})
    const ended = tasks.find(task => isEnded(task.Status.State) && task.Status.State !== 'orphaned')
    if (ended !== undefined) return ended
    await wait(lookEveryMs, undefined, signal === undefined ? {} : {signal})
  }
}

type Told = {lines: number}
const logQuery = {stdout: '1', stderr: '1', timestamps: '1', details: '1'}

async function followLog(
  api: DockerApi,
  name: string,
  {told, onLine, signal}: {readonly told: Told; readonly onLine: (line: PoolLogLine) => void; readonly signal: AbortSignal},
): Promise<void> {
  try {
    for await (const line of readServiceLog(await api.stream(`/services/${name}/logs`, {query: {...logQuery, follow: '1'}, signal}))) {
      told.lines++
      onLine(line)
    }
  } catch {
    // Broken off, by us or by the connection: the rest is read at the end.
  }
}

async function tellRest(api: DockerApi, name: string, told: Told, onLine: (line: PoolLogLine) => void): Promise<void> {
  let index = 0
  const signal = AbortSignal.timeout(30_000)
  for await (const line of readServiceLog(await api.stream(`/services/${name}/logs`, {query: logQuery, signal}))) {
    if (index++ >= told.lines) onLine(line)
  }
}

/** Runs a job on every host that is ready and active; a host that is lost meanwhile is not waited for. */
export async function runHostJob(
  api: DockerApi,
  job: HostJob,
  {timeoutMs, signal}: {readonly timeoutMs: number; readonly signal?: AbortSignal},
): Promise<readonly HostJobResult[]> {
  if (!(await createOnce(api, hostJobSpec(job)))) {
    await api.remove(`/services/${job.name}`)
    await createOnce(api, hostJobSpec(job))
  }
  const giveUpAt = Date.now() + timeoutMs
  for (;;) {
    signal?.throwIfAborted()
    const [nodes, tasks] = await Promise.all([
      api.get<readonly DockerNode[]>('/nodes'),
      api.get<readonly DockerTask[]>('/tasks', {query: {filters: JSON.stringify({service: [job.name]})}}),
    ])
    const wanted = nodes.filter(node => node.Status.State === 'ready' && node.Spec.Availability === 'active')
    const isLate = Date.now() > giveUpAt
    const results = wanted.map(node => hostResult(node, tasks, isLate))
    if (results.every(result => result !== undefined)) return results
    await wait(lookEveryMs, undefined, signal === undefined ? {} : {signal})
  }
}

/** Undefined while it is at work; a task that failed and is tried again is at work. */
function hostResult(node: DockerNode, tasks: readonly DockerTask[], isLate: boolean): HostJobResult | undefined {
  const host = node.Description?.Hostname ?? node.ID
  const own = tasks.filter(task => task.NodeID === node.ID)
  if (own.some(task => task.Status.State === 'complete')) return {host, isDone: true, message: 'done'}
  const failed = own.filter(task => task.Status.State === 'failed' || task.Status.State === 'rejected')
  const message = failed[0]?.Status.Err ?? 'it did not finish in time'
  const isTriedAgain = own.some(task => !isEnded(task.Status.State)) || failed.length < 3
  return isTriedAgain && !isLate ? undefined : {host, isDone: false, message}
}
