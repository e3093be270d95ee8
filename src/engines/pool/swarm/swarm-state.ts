import type {Host, PoolDyno} from '../../../model/pool.ts'
import type {SubmittedGroup} from '../engine.ts'
import type {DockerNode, DockerService, DockerTask} from './docker-types.ts'
import type {DynoContainer} from './swarm-logs.ts'
import {labels} from './swarm-spec.ts'

/** What Swarm says of its nodes, as hosts; `tasks` are those that take room. */
export function hostsOf(nodes: readonly DockerNode[], tasks: readonly DockerTask[]): readonly Host[] {
  const running = tasks.filter(task => isTaking(task) && labelOf(task, labels.app) !== undefined)
  return nodes
    .map(node => {
      const own = running.filter(task => task.NodeID === node.ID)
      const memoryBytes = node.Description?.Resources.MemoryBytes ?? 0
      const reserved = own.reduce((sum, task) => sum + (task.Spec.Resources?.Reservations?.MemoryBytes ?? 0), 0)
      return {
        id: node.ID,
        name: node.Description?.Hostname ?? node.ID,
        address: addressOf(node),
        state: stateOf(node, own.length),
        isManager: node.Spec.Role === 'manager',
        isLeader: node.ManagerStatus?.Leader === true,
        dynos: own.length,
        memoryBytes,
        memoryFreeBytes: Math.max(0, memoryBytes - reserved),
        os: node.Description?.Platform.OS ?? '',
        arch: archOf(node.Description?.Platform.Architecture ?? ''),
      }
    })
    .sort((one, other) => (one.name < other.name ? -1 : 1))
}

function stateOf(node: DockerNode, dynos: number): Host['state'] {
  if (node.Status.State !== 'ready' || (node.Spec.Role === 'manager' && node.ManagerStatus?.Reachability === 'unreachable')) return 'down'
  if (node.Spec.Availability === 'active') return 'ready'
  return dynos > 0 ? 'draining' : 'drained'
}

/** A manager's own node says 0.0.0.0. */
function addressOf(node: DockerNode): string {
  const address = node.Status.Addr ?? ''
  if (address !== '' && address !== '0.0.0.0' && address !== '127.0.0.1') return address
  return node.ManagerStatus?.Addr?.replace(/:\d+$/, '') ?? ''
}

function archOf(name: string): string {
  return {x86_64: 'x64', amd64: 'x64', aarch64: 'arm64', arm64: 'arm64'}[name] ?? name
}

function isTaking({Status, DesiredState}: DockerTask): boolean {
  return DesiredState === 'running' || (DesiredState === 'complete' && !isEnded(Status.State)) || Status.State === 'running'
}

export function isEnded(state: string): boolean {
  return ['complete', 'failed', 'shutdown', 'rejected', 'remove', 'orphaned'].includes(state)
}

export function labelOf(task: DockerTask, name: string): string | undefined {
  return (task.Spec.ContainerSpec['Labels'] as Readonly<Record<string, string>> | undefined)?.[name]
}

/** The dynos that are there, or were just before they failed; the newest of each name first. */
export function dynosOf(tasks: readonly DockerTask[], nodes: readonly DockerNode[]): readonly PoolDyno[] {
  const byId = new Map(nodes.map(node => [node.ID, node]))
  return tasks
    .flatMap(task => {
      const [app, type] = [labelOf(task, labels.app), labelOf(task, labels.type)]
      if (app === undefined || type === undefined || task.DesiredState === 'remove') return []
      const node = task.NodeID === undefined ? undefined : byId.get(task.NodeID)
      const {Status} = task
      const dyno: PoolDyno = {
        id: task.ID,
        app,
        dyno: dynoName(task, type),
        type,
        release: Number(labelOf(task, labels.release) ?? 0),
        state: dynoState(task, node),
        since: Status.Timestamp,
        host: node?.Description?.Hostname,
        address: node === undefined ? undefined : addressOf(node) || undefined,
        port: Status.PortStatus?.Ports?.[0]?.PublishedPort,
        exitCode: isEnded(Status.State) ? Status.ContainerStatus?.ExitCode : undefined,
        message: Status.Err ?? (Status.State === 'pending' ? Status.Message : undefined),
      }
      return [dyno]
    })
    .sort((one, other) => (one.dyno === other.dyno ? (one.since < other.since ? 1 : -1) : one.dyno < other.dyno ? -1 : 1))
}

/** The container of a dyno's task, where there is one. */
export function dynoContainer(task: DockerTask, node: DockerNode): DynoContainer | undefined {
  const type = labelOf(task, labels.type)
  const container = taskContainer(task, node)
  return type === undefined || container === undefined ? undefined : {...container, type, dyno: dynoName(task, type)}
}

/** The container of any task of ours. */
export function taskContainer({Status}: DockerTask, node: DockerNode): DynoContainer | undefined {
  const id = Status.ContainerStatus?.ContainerID
  const address = addressOf(node)
  return id === undefined || id === '' || address === '' ? undefined : {id, address, type: '', dyno: ''}
}

/** The engine gives each dyno its name as a variable; a job has no slot. */
function dynoName(task: DockerTask, type: string): string {
  const env = (task.Spec.ContainerSpec['Env'] as readonly string[] | undefined) ?? []
  const name = env.find(variable => variable.startsWith('DYNO='))?.slice('DYNO='.length) ?? ''
  return name.includes('{{') || name === '' ? `${type}.${task.Slot ?? 0}` : name
}

/** A task with a health check counts as running only once it is healthy. What runs on a host that is down is not up. */
function dynoState({Status, DesiredState}: DockerTask, node: DockerNode | undefined): PoolDyno['state'] {
  if (Status.State === 'running') return node?.Status.State === 'down' || DesiredState === 'shutdown' ? 'down' : 'up'
  if (Status.State === 'complete') return 'complete'
  if (Status.State === 'failed' || Status.State === 'rejected') return 'crashed'
  return isEnded(Status.State) || DesiredState === 'shutdown' ? 'down' : 'starting'
}

export function groupsOf(services: readonly DockerService[]): readonly SubmittedGroup[] {
  return services.flatMap(({Spec}) => {
    const label = (name: string) => Spec.Labels[name] ?? ''
    if (label(labels.kind) !== 'group') return []
    return [
      {
        app: label(labels.app),
        type: label(labels.type),
        release: Number(label(labels.release)),
        slug: label(labels.slug),
        image: label(labels.image),
        config: label(labels.config),
        quantity: Spec.Mode.Replicated?.Replicas ?? 0,
        size: label(labels.size),
        domains: JSON.parse(label(labels.domains) || '[]') as string[],
      },
    ]
  })
}
