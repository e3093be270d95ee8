import {setTimeout as wait} from 'node:timers/promises'
import type {HostJob, HostJobResult, OneOff, OneOffEnd, PoolLogLine, RunOnceOptions} from '../engine.ts'
import {type DockerApi, DockerError} from './docker-api.ts'
import type {DockerNode, DockerTask, ServiceSpec} from './docker-types.ts'
import type {HostLogs} from './host-logs.ts'
import {type DynoContainer, LogCursor} from './swarm-logs.ts'
import {hostJobSpec, oneOffName, oneOffSpec, type SecretReference} from './swarm-spec.ts'
import {dynoContainer, isEnded} from './swarm-state.ts'

const lookEveryMs = 300
const lastLinesMs = 20_000
/** Looks in a row at which a failed task had no successor. */
const quietLooks = 8

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
  const quiet = new Map<string, number>()
  for (;;) {
    signal?.throwIfAborted()
    const [nodes, tasks] = await Promise.all([
      api.get<readonly DockerNode[]>('/nodes'),
      api.get<readonly DockerTask[]>('/tasks', {query: {filters: JSON.stringify({service: [job.name]})}}),
    ])
    const wanted = nodes.filter(node => node.Status.State === 'ready' && node.Spec.Availability === 'active')
    const isLate = Date.now() > giveUpAt
    const results = wanted.map(node => hostResult(node, {tasks, isLate, quiet}))
    if (results.every(result => result !== undefined)) return results
    await wait(lookEveryMs, undefined, signal === undefined ? {} : {signal})
  }
}

type HostLook = {readonly tasks: readonly DockerTask[]; readonly isLate: boolean; readonly quiet: Map<string, number>}

/** Undefined while it is at work. A task that failed may be tried again, so it counts only when nothing came after it for a while. */
function hostResult(node: DockerNode, {tasks, isLate, quiet}: HostLook): HostJobResult | undefined {
  const host = node.Description?.Hostname ?? node.ID
  const own = tasks.filter(task => task.NodeID === node.ID)
  if (own.some(task => task.Status.State === 'complete')) return {host, isDone: true, message: 'done'}
  const failed = own.find(task => task.Status.State === 'failed' || task.Status.State === 'rejected')
  const isQuiet = failed !== undefined && own.every(task => isEnded(task.Status.State))
  quiet.set(node.ID, isQuiet ? (quiet.get(node.ID) ?? 0) + 1 : 0)
  if (!isLate && (quiet.get(node.ID) ?? 0) < quietLooks) return undefined
  return {host, isDone: false, message: failed?.Status.Err ?? 'it did not finish in time'}
}
