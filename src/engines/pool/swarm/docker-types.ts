/** The parts of the Docker Engine API (1.41) that are used; names are Docker's. */
export type DockerVersion = {readonly Index: number}

export type DockerNode = {
  readonly ID: string
  readonly Version: DockerVersion
  readonly Spec: {
    readonly Availability: 'active' | 'pause' | 'drain'
    readonly Role: 'manager' | 'worker'
    readonly Labels?: Readonly<Record<string, string>>
  }
  readonly Description?: {
    readonly Hostname: string
    readonly Platform: {readonly Architecture: string; readonly OS: string}
    readonly Resources: {readonly MemoryBytes: number}
  }
  readonly Status: {readonly State: 'ready' | 'down' | 'disconnected' | 'unknown'; readonly Addr?: string}
  readonly ManagerStatus?: {readonly Leader?: boolean; readonly Addr?: string; readonly Reachability: string}
}

export type DockerService = {
  readonly ID: string
  readonly Version: DockerVersion
  readonly Spec: ServiceSpec
  readonly UpdateStatus?: {readonly State: string; readonly StartedAt?: string; readonly CompletedAt?: string; readonly Message?: string}
}

export type ServiceSpec = {
  readonly Name: string
  readonly Labels: Readonly<Record<string, string>>
  readonly Mode: {
    readonly Replicated?: {readonly Replicas: number}
    readonly ReplicatedJob?: object
    readonly GlobalJob?: object
    readonly Global?: object
  }
  readonly TaskTemplate: TaskTemplate
  readonly EndpointSpec?: object
  readonly UpdateConfig?: object
  readonly RollbackConfig?: object
}

export type TaskTemplate = {
  readonly ContainerSpec: Readonly<Record<string, unknown>>
  readonly Resources?: {readonly Reservations?: {readonly MemoryBytes?: number}; readonly Limits?: object}
  readonly RestartPolicy?: object
  readonly Placement?: object
  readonly Networks?: readonly object[]
  readonly ForceUpdate?: number
  readonly LogDriver?: object
}

export type DockerTask = {
  readonly ID: string
  readonly Version: DockerVersion
  readonly CreatedAt: string
  readonly ServiceID: string
  readonly NodeID?: string
  readonly Slot?: number
  readonly Spec: TaskTemplate
  readonly DesiredState: string
  readonly JobIteration?: DockerVersion
  readonly Status: {
    readonly Timestamp: string
    readonly State: string
    readonly Message?: string
    readonly Err?: string
    readonly ContainerStatus?: {readonly ExitCode?: number; readonly ContainerID?: string}
    readonly PortStatus?: {readonly Ports?: readonly {readonly PublishedPort: number}[]}
  }
}

export type DockerSecret = {readonly ID: string; readonly Spec: {readonly Name: string; readonly Labels?: Readonly<Record<string, string>>}}
