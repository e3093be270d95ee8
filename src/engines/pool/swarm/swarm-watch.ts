import {setTimeout as wait} from 'node:timers/promises'
import type {DynoGroup} from '../../../model/dyno-group.ts'
import type {Rollout, RolloutFailure} from '../engine.ts'
import {type DockerApi, DockerError} from './docker-api.ts'
import type {DockerNode, DockerService, DockerTask} from './docker-types.ts'
import {readServiceLog} from './swarm-logs.ts'
import {labels, serviceName} from './swarm-spec.ts'
import {labelOf} from './swarm-state.ts'

const lookEveryMs = 400
/** How long a dyno may find no host before that is a failure. */
const pendingMs = 20_000
export const lastLinesShown = 50

/**
 * Looks until the dynos of a group are up or the first failed. Swarm tells no events of tasks, so it is asked. When it fails
 * Swarm has gone back, or does so by itself, unless this is the first release of the type or no host had room.
 */
export async function watchRollout(api: DockerApi, group: DynoGroup, signal?: AbortSignal): Promise<Rollout> {
  const name = serviceName(group.app, group.type)
  let pendingSince: number | undefined
  for (;;) {
    signal?.throwIfAborted()
    const [service, tasks] = await Promise.all([
      api.get<DockerService>(`/services/${name}`),
      api.get<readonly DockerTask[]>('/tasks', {query: {filters: JSON.stringify({service: [name]})}}),
    ])
    const status = service.UpdateStatus?.State
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
      return {status: 'failed', failure: await describeFailure(api, group, {task: failed, message})}
    }
    const up = own.filter(task => task.Status.State === 'running' && task.DesiredState === 'running')
    if (up.length >= group.quantity && (status === undefined || status === 'completed')) return {status: 'up'}
    const pending = own.find(task => task.Status.State === 'pending' && task.DesiredState === 'running' && task.Status.Err !== undefined)
    pendingSince = pending === undefined ? undefined : (pendingSince ?? Date.now())
    if (pendingSince !== undefined && Date.now() - pendingSince > pendingMs) {
      return {status: 'failed', failure: await describeFailure(api, group, {task: pending, message: 'no host has room'})}
    }
    await wait(lookEveryMs, undefined, signal === undefined ? {} : {signal})
  }
}

function containerLabel({Spec}: DockerService, name: string): string | undefined {
  return (Spec.TaskTemplate.ContainerSpec['Labels'] as Readonly<Record<string, string>> | undefined)?.[name]
}

type Cause = {readonly task: DockerTask | undefined; readonly message: string}

async function describeFailure(api: DockerApi, {type}: DynoGroup, {task, message}: Cause): Promise<RolloutFailure> {
  if (task === undefined) return {dyno: type, host: undefined, exitCode: undefined, message, lastLines: []}
  const node = task.NodeID === undefined ? undefined : await api.get<DockerNode>(`/nodes/${task.NodeID}`).catch(() => undefined)
  return {
    dyno: `${type}.${task.Slot ?? 0}`,
    host: node?.Description?.Hostname,
    exitCode: task.Status.ContainerStatus?.ExitCode,
    message: task.Status.Err ?? message,
    lastLines: await lastLines(api, task.ID),
  }
}

/** The end of a dyno's output; none when it never ran or its host is gone. */
async function lastLines(api: DockerApi, task: string): Promise<readonly string[]> {
  const query = {stdout: '1', stderr: '1', timestamps: '1', details: '1', tail: String(lastLinesShown)}
  const lines: string[] = []
  const signal = AbortSignal.timeout(10_000)
  try {
    for await (const line of readServiceLog(await api.stream(`/tasks/${task}/logs`, {query, signal}))) lines.push(line.text)
  } catch (error) {
    if (!(error instanceof DockerError) && !signal.aborted) throw error
  }
  return lines.slice(-lastLinesShown)
}
