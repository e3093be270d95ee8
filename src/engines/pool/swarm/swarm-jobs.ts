import {setTimeout as wait} from 'node:timers/promises'
import type {HostJob, HostJobResult, OneOff, OneOffEnd, PoolLogLine, RunOnceOptions} from '../engine.ts'
import {type DockerApi, DockerError} from './docker-api.ts'
import type {DockerNode, DockerTask, ServiceSpec} from './docker-types.ts'
import type {HostLogs} from './host-logs.ts'
import {type DynoContainer, LogCursor} from './swarm-logs.ts'
import {hostJobSpec, oneOffName, oneOffSpec, type SecretReference} from './swarm-spec.ts'
import {dynoContainer, isEnded, taskContainer} from './swarm-state.ts'

const lookEveryMs = 300
const lastLinesMs = 20_000

export type OneOffWay = RunOnceOptions & {readonly secret: SecretReference; readonly logs: HostLogs}

/** A one-off dyno from its start to its end; one of that name that is there already is the same one, and is waited for. */
export async function runOneOff(api: DockerApi, dyno: OneOff, {secret, logs, onLine, onEnd, signal}: OneOffWay): Promise<OneOffEnd> {
  const name = oneOffName(dyno.app, dyno.dyno)
  await createOnce(api, oneOffSpec(dyno, secret))
  const stop = new AbortController()
  try {
    let telling: Promise<void> | undefined
    const task = await untilEnded(api, name, {
      signal,
      onStarted: container => {
        telling ??= tell(logs, container, {onLine, signal: stop.signal})
      },
    })
    const container = await containerOf(api, task)
    if (container !== undefined) telling ??= tell(logs, container, {onLine, signal: stop.signal})
    // The log of a container that ended ends too; that of a host that is lost never does.
    const giveUp = setTimeout(() => stop.abort(), lastLinesMs)
    await telling
    clearTimeout(giveUp)
    const node = task.NodeID === undefined ? undefined : await api.get<DockerNode>(`/nodes/${task.NodeID}`).catch(() => undefined)
    const isDone = task.Status.State === 'complete'
    const exitCode = task.Status.ContainerStatus?.ExitCode ?? (isDone ? 0 : 1)
    const end = {exitCode, host: node?.Description?.Hostname, message: isDone ? undefined : task.Status.Err}
    await onEnd?.(end)
    return end
  } finally {
    stop.abort()
    await api.remove(`/services/${name}`)
  }
}

async function tell(
  logs: HostLogs,
  container: DynoContainer,
  {onLine, signal}: {readonly onLine: (line: PoolLogLine) => void; readonly signal: AbortSignal},
): Promise<void> {
  try {
    for await (const line of logs.follow(container, {cursor: new LogCursor(), signal})) onLine(line)
  } catch (error) {
    if (!(error instanceof DockerError)) throw error
  }
}

async function containerOf(api: DockerApi, task: DockerTask): Promise<DynoContainer | undefined> {
  if (task.NodeID === undefined) return undefined
  const node = await api.get<DockerNode>(`/nodes/${task.NodeID}`).catch(() => undefined)
  return node === undefined ? undefined : dynoContainer(task, node)
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

async function untilEnded(
  api: DockerApi,
  name: string,
  {signal, onStarted}: {readonly signal: AbortSignal | undefined; readonly onStarted: (container: DynoContainer) => void},
): Promise<DockerTask> {
  for (;;) {
    signal?.throwIfAborted()
    const tasks = await api.get<readonly DockerTask[]>('/tasks', {query: {filters: JSON.stringify({service: [name]})}})
    const ended = tasks.find(task => isEnded(task.Status.State) && task.Status.State !== 'orphaned')
    if (ended !== undefined) return ended
    const running = tasks.find(task => task.Status.State === 'running')
    const container = running === undefined ? undefined : await containerOf(api, running)
    if (container !== undefined) onStarted(container)
    await wait(lookEveryMs, undefined, signal === undefined ? {} : {signal})
  }
}

export type HostJobWay = {readonly logs: HostLogs; readonly timeoutMs: number; readonly signal?: AbortSignal}

/**
 * Runs a job on every host that is ready and active; a host that is lost meanwhile is not waited for. Swarm tries a global job again
 * without end, whatever its policy says: three failures are enough here, and one that failed is taken away.
 */
export async function runHostJob(api: DockerApi, job: HostJob, {logs, timeoutMs, signal}: HostJobWay): Promise<readonly HostJobResult[]> {
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
    const looks = wanted.map(node => hostLook(node, tasks, isLate))
    if (looks.every(look => look !== undefined)) {
      const results = await Promise.all(looks.map(look => hostResult(look, logs)))
      if (results.some(result => !result.isDone)) await api.remove(`/services/${job.name}`)
      return results
    }
    await wait(lookEveryMs, undefined, signal === undefined ? {} : {signal})
  }
}

const maxFailures = 3

type HostLook = {readonly node: DockerNode; readonly isDone: boolean; readonly failed: DockerTask | undefined}

/** Undefined while it is at work. */
function hostLook(node: DockerNode, tasks: readonly DockerTask[], isLate: boolean): HostLook | undefined {
  const own = tasks.filter(task => task.NodeID === node.ID)
  const failed = own.filter(task => task.Status.State === 'failed' || task.Status.State === 'rejected')
  const isDone = own.some(task => task.Status.State === 'complete')
  return isDone || isLate || failed.length >= maxFailures ? {node, isDone, failed: failed[0]} : undefined
}

/** With what the job said at its end, when it failed. */
async function hostResult({node, isDone, failed}: HostLook, logs: HostLogs): Promise<HostJobResult> {
  const host = node.Description?.Hostname ?? node.ID
  if (isDone) return {host, isDone, message: 'done'}
  const said: string[] = []
  const container = failed === undefined ? undefined : taskContainer(failed, node)
  if (container !== undefined) {
    try {
      for await (const line of logs.read(container, {tail: 5})) said.push(line.text.replace(/^[\s›]+/, '').trim())
    } catch {
      // The host does not answer.
    }
  }
  const reason = failed?.Status.Err ?? 'it did not finish in time'
  return {host, isDone, message: said.length === 0 ? reason : `${said.join(' ')} (${reason})`}
}
