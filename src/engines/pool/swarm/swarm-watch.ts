import {setTimeout as wait} from 'node:timers/promises'
import type {DynoGroup} from '../../../model/dyno-group.ts'
import type {Rollout, RolloutFailure} from '../engine.ts'
import type {DockerApi} from './docker-api.ts'
import type {DockerNode, DockerService, DockerTask} from './docker-types.ts'
import type {HostLogs} from './host-logs.ts'
import type {DynoContainer} from './swarm-logs.ts'
import {labels, serviceName} from './swarm-spec.ts'
import {dynoContainer, labelOf} from './swarm-state.ts'

const lookEveryMs = 400
/** How long a dyno may find no host before that is a failure. */
const pendingMs = 20_000
export const lastLinesShown = 50

export type WatchOptions = {
  /** The status of the update before, which Swarm goes on showing until it has begun with the new one. */
  readonly stale: string | undefined
  readonly logs: HostLogs
  readonly signal?: AbortSignal
}

/**
 * Looks until the dynos of a group are up or the first failed. Swarm tells no events of tasks, so it is asked. When it fails
 * Swarm has gone back, or does so by itself, unless this is the first release of the type or no host had room.
 */
export async function watchRollout(api: DockerApi, group: DynoGroup, {stale, logs, signal}: WatchOptions): Promise<Rollout> {
  const name = serviceName(group.app, group.type)
  let pendingSince: number | undefined
  for (;;) {
    signal?.throwIfAborted()
    const [service, tasks] = await Promise.all([
      api.get<DockerService>(`/services/${name}`),
      api.get<readonly DockerTask[]>('/tasks', {query: {filters: JSON.stringify({service: [name]})}}),
    ])
    const status = JSON.stringify(service.UpdateStatus) === stale ? undefined : service.UpdateStatus?.State
    const isOurs = service.Spec.Labels[labels.release] === String(group.release)
    const attempt = isOurs ? containerLabel(service, labels.attempt) : undefined
    const newest = [...tasks].sort((one, other) => (one.CreatedAt < other.CreatedAt ? 1 : -1))
    const own = newest.filter(
      task =>
        labelOf(task, labels.release) === String(group.release) && (attempt === undefined || labelOf(task, labels.attempt) === attempt),
    )
    const failed = own.find(task => ['failed', 'rejected'].includes(task.Status.State))
    const hasGoneBack = !isOurs || status?.startsWith('rollback') === true || status === 'paused'
    if (hasGoneBack || (failed !== undefined && status === undefined)) {
      const message = service.UpdateStatus?.Message ?? 'the engine went back to the release before'
      return {status: 'failed', failure: await describeFailure(api, group, {task: failed, message, logs})}
    }
    const up = own.filter(task => task.Status.State === 'running' && task.DesiredState === 'running')
    if (up.length >= group.quantity && (status === undefined || status === 'completed')) return {status: 'up'}
    const pending = own.find(task => task.Status.State === 'pending' && task.DesiredState === 'running' && task.Status.Err !== undefined)
    pendingSince = pending === undefined ? undefined : (pendingSince ?? Date.now())
    if (pendingSince !== undefined && Date.now() - pendingSince > pendingMs) {
      return {status: 'failed', failure: await describeFailure(api, group, {task: pending, message: 'no host has room', logs})}
    }
    await wait(lookEveryMs, undefined, signal === undefined ? {} : {signal})
  }
}

function containerLabel({Spec}: DockerService, name: string): string | undefined {
  return (Spec.TaskTemplate.ContainerSpec['Labels'] as Readonly<Record<string, string>> | undefined)?.[name]
}

type Cause = {readonly task: DockerTask | undefined; readonly message: string; readonly logs: HostLogs}

async function describeFailure(api: DockerApi, {type, web}: DynoGroup, {task, message, logs}: Cause): Promise<RolloutFailure> {
  if (task === undefined) return {dyno: type, host: undefined, exitCode: undefined, message, lastLines: []}
  const node = task.NodeID === undefined ? undefined : await api.get<DockerNode>(`/nodes/${task.NodeID}`).catch(() => undefined)
  return {
    dyno: `${type}.${task.Slot ?? 0}`,
    host: node?.Description?.Hostname,
    exitCode: task.Status.ContainerStatus?.ExitCode,
    message: reasonOf(task, web) ?? message,
    lastLines: await lastLines(logs, node === undefined ? undefined : dynoContainer(task, node)),
  }
}

/** Swarm says of a dyno that did not listen in time only that it is unhealthy (R10, platform.md c.2). */
function reasonOf({Status}: DockerTask, web: DynoGroup['web']): string | undefined {
  if (web === undefined || Status.Err?.includes('unhealthy container') !== true) return Status.Err
  return `Error R10 (Boot timeout): nothing listened on $PORT within ${Math.round(web.bootMs / 1000)} s`
}

/** The end of a dyno's output; none when it never ran or its host is gone. */
async function lastLines(logs: HostLogs, container: DynoContainer | undefined): Promise<readonly string[]> {
  const lines: string[] = []
  if (container === undefined) return lines
  try {
    for await (const line of logs.read(container, {tail: lastLinesShown})) lines.push(line.text)
  } catch {
    // The host does not answer.
  }
  return lines.slice(-lastLinesShown)
}
