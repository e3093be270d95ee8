import {createHash, randomUUID} from 'node:crypto'
import {type DynoGroup, dynoPort} from '../../../model/dyno-group.ts'
import type {DynoSize} from '../../../model/dyno-size.ts'
import {bootScript, configFile, healthScript, leaveMs, leaveSignal} from '../boot-script.ts'
import type {HostJob, OneOff} from '../engine.ts'
import type {ServiceSpec, TaskTemplate} from './docker-types.ts'

export const labels = {
  app: 'homeport.app',
  type: 'homeport.type',
  release: 'homeport.release',
  slug: 'homeport.slug',
  image: 'homeport.image',
  config: 'homeport.config',
  size: 'homeport.size',
  domains: 'homeport.domains',
  /** `group`, `one-off` or `host-job`. */
  kind: 'homeport.kind',
  /** Of a container: which submission it belongs to, so that dynos of an earlier try are not taken for those of this one. */
  attempt: 'homeport.attempt',
  /** Of a host job: its digest. */
  content: 'homeport.content',
} as const

const nanos = 1_000_000
/** How long a dyno that came up is looked at before its update counts as done. */
const monitorMs = 3_000
/** Once up: so many looks in a row, a second apart, at which nothing listens, and it is replaced. */
const lostListens = 5

/** A secret of the engine, as a service names it. */
export type SecretReference = {readonly id: string; readonly name: string}

/** Names are DNS labels of at most 63; an app's has no `_`, so that both parts can be told apart. */
export function serviceName(app: string, type: string): string {
  return /^[A-Za-z0-9](?:[-_]*[A-Za-z0-9]+)*$/.test(type) && type.length <= 30
    ? `${app}_${type}`
    : `${app}_${createHash('sha256').update(type).digest('hex').slice(0, 30)}`
}

export function oneOffName(app: string, dyno: string): string {
  return `${app}__${dyno.replaceAll('.', '-')}`
}

export function secretName(app: string, config: string): string {
  return `homeport_${app}_${config.slice(0, 24)}`
}

/** What Swarm keeps running for a group of dynos (findings 9.3). */
export function groupSpec(group: DynoGroup, secret: SecretReference): ServiceSpec {
  const {app, type, release, slug, image, config, size, domains, quantity, web, stopMs} = group
  return {
    Name: serviceName(app, type),
    Labels: {
      [labels.kind]: 'group',
      [labels.app]: app,
      [labels.type]: type,
      [labels.release]: String(release),
      [labels.slug]: slug,
      [labels.image]: image,
      [labels.config]: config,
      [labels.size]: size.name,
      [labels.domains]: JSON.stringify(domains),
    },
    Mode: {Replicated: {Replicas: quantity}},
    TaskTemplate: {
      ContainerSpec: {
        ...containerSpec(group, {name: `${type}.{{.Task.Slot}}`, secret, stopMs}),
        ...(web === undefined ? {} : {StopSignal: leaveSignal, StopGracePeriod: (stopMs + leaveMs) * nanos}),
        Args: ['-c', bootScript, 'homeport', group.command],
        Labels: {[labels.app]: app, [labels.type]: type, [labels.release]: String(release), [labels.attempt]: randomUUID()},
        Healthcheck: web === undefined ? {Test: ['NONE']} : healthcheck(web),
      },
      Resources: resources(size),
      RestartPolicy: {Condition: 'any', Delay: 1000 * nanos, MaxAttempts: 0},
      LogDriver: logDriver,
      Placement: {Preferences: [{Spread: {SpreadDescriptor: 'node.labels.homeport.zone'}}]},
    },
    ...(web === undefined ? {} : {EndpointSpec: {Mode: 'dnsrr', Ports: [{Protocol: 'tcp', TargetPort: dynoPort, PublishMode: 'host'}]}}),
    UpdateConfig: {
      Parallelism: Math.max(1, Math.ceil(quantity / 4)),
      Order: 'start-first',
      FailureAction: 'rollback',
      Monitor: monitorMs * nanos,
      MaxFailureRatio: 0,
    },
    RollbackConfig: {Parallelism: 0, Order: 'start-first', FailureAction: 'pause', Monitor: 1000 * nanos},
  }
}

/** A one-off dyno: runs once, is never restarted (platform.md c.9). */
export function oneOffSpec(dyno: OneOff, secret: SecretReference): ServiceSpec {
  const {app, release, image, config, size, command, stopMs} = dyno
  const type = dyno.dyno.split('.')[0] ?? 'run'
  const words = typeof command === 'string' ? [command] : ['', ...command]
  return {
    Name: oneOffName(app, dyno.dyno),
    Labels: {
      [labels.kind]: 'one-off',
      [labels.app]: app,
      [labels.type]: type,
      [labels.release]: String(release),
      [labels.image]: image,
      [labels.config]: config,
      [labels.size]: size.name,
    },
    Mode: {ReplicatedJob: {MaxConcurrent: 1, TotalCompletions: 1}},
    TaskTemplate: {
      ContainerSpec: {
        ...containerSpec({app, type, release, image}, {name: dyno.dyno, secret, stopMs}),
        Args: ['-c', bootScript, 'homeport', ...words],
        Healthcheck: {Test: ['NONE']},
      },
      Resources: resources(size),
      RestartPolicy: {Condition: 'none'},
      LogDriver: logDriver,
    },
  }
}

/** Runs once on every host that is active, and on those that join later. */
export function hostJobSpec(job: HostJob): ServiceSpec {
  return {
    Name: job.name,
    Labels: {[labels.kind]: 'host-job'},
    Mode: {GlobalJob: {}},
    TaskTemplate: {...hostTask(job), RestartPolicy: {Condition: 'on-failure', Delay: 1000 * nanos, MaxAttempts: 2}},
  }
}

/** Goes on for ever on every host, or on the managers. */
export function hostServiceSpec(job: HostJob, onlyManagers: boolean): ServiceSpec {
  const content = createHash('sha256').update(JSON.stringify(job)).digest('hex')
  return {
    Name: job.name,
    Labels: {[labels.kind]: 'host-service', [labels.content]: content},
    Mode: {Global: {}},
    TaskTemplate: {
      ...hostTask(job),
      RestartPolicy: {Condition: 'any', Delay: 500 * nanos, MaxAttempts: 0},
      ...(onlyManagers ? {Placement: {Constraints: ['node.role==manager']}} : {}),
    },
    UpdateConfig: {Parallelism: 1, Order: 'stop-first', FailureAction: 'pause', Monitor: 1000 * nanos},
  }
}

function hostTask({image, argv, env, paths}: HostJob): TaskTemplate {
  const [command = '', ...args] = argv
  return {
    ContainerSpec: {
      Image: image,
      Command: [command],
      Args: args,
      Env: Object.entries(env).map(([key, value]) => `${key}=${value}`),
      User: '0:0',
      Mounts: paths.map(path => ({Type: 'bind', Source: path, Target: path})),
      Init: true,
    },
    Networks: [{Target: 'host'}],
    LogDriver: logDriver,
  }
}

type ContainerOptions = {readonly name: string; readonly secret: SecretReference; readonly stopMs: number}

function containerSpec(
  {app, type, release, image}: {readonly app: string; readonly type: string; readonly release: number; readonly image: string},
  {name, secret, stopMs}: ContainerOptions,
): TaskTemplate['ContainerSpec'] {
  return {
    Image: image,
    Command: ['bash'],
    // Nothing secret: who may ask the engine for a service sees these.
    Env: [`PORT=${dynoPort}`, `DYNO=${name}`, `PS=${name}`, 'HOME=/app', 'PATH=/usr/local/bin:/usr/bin:/bin', 'TINI_KILL_PROCESS_GROUP=1'],
    Labels: {[labels.app]: app, [labels.type]: type, [labels.release]: String(release)},
    Dir: '/app',
    User: '1000:1000',
    Init: true,
    CapabilityDrop: ['ALL'],
    Ulimits: [{Name: 'nofile', Soft: 10_000, Hard: 10_000}],
    StopSignal: 'SIGTERM',
    StopGracePeriod: stopMs * nanos,
    Secrets: [
      {
        SecretID: secret.id,
        SecretName: secret.name,
        File: {Name: configFile.slice(configFile.lastIndexOf('/') + 1), UID: '1000', GID: '1000', Mode: 0o400},
      },
    ],
  }
}

/** Twice the quota is where the platform kills (R15, platform.md c.5); the quota itself is what a host must have free. */
function resources({memoryBytes, processes}: DynoSize): object {
  return {Reservations: {MemoryBytes: memoryBytes}, Limits: {MemoryBytes: 2 * memoryBytes, Pids: processes}}
}

function healthcheck({bootMs, check}: NonNullable<DynoGroup['web']>): object {
  const {path = '', content = '', attempts = 1, timeoutSeconds = 5} = check ?? {}
  return {
    Test: ['CMD', 'bash', '-c', healthScript, 'health', String(dynoPort), path, content, String(attempts)],
    Interval: 1000 * nanos,
    Timeout: Math.max(1, timeoutSeconds) * 1000 * nanos,
    Retries: lostListens,
    StartPeriod: Math.max(1000, Math.round(bootMs)) * nanos,
  }
}

/** Bounded, so that a chatty dyno fills no disk. */
const logDriver = {Name: 'json-file', Options: {'max-size': '10m', 'max-file': '3'}}
