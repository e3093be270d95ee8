import type {DynoSpec} from '../../../model/dyno.ts'
import type {Room} from './isolation.ts'
import type {Launch, LauncherKind} from './launch.ts'
import type {Machine} from './machine.ts'
import type {SandboxFiles} from './sandbox-files.ts'

/** How a sandbox is made on this machine, found out by trying (probe.ts). */
export type SandboxVariant = {
  readonly launcher: LauncherKind
  /** Root may lack them, and then gives up root inside. */
  readonly hasUserNamespace: boolean
  /** Copy-on-write over the slug, or a private copy where mounting is not allowed. */
  readonly disk: 'overlay' | 'copy'
}

export type SandboxParts = {
  readonly machine: Machine
  readonly launch: Launch
  readonly variant: SandboxVariant
  readonly files: SandboxFiles
}

/** HOME and PWD are the sandbox's; the TMPDIR of a shell is outside of it. */
export function sandboxEnv(env: Readonly<Record<string, string>>, {home, appFolder}: Room): Readonly<Record<string, string>> {
  const {TMPDIR: _, ...others} = env
  return {...others, ...(home === undefined ? {} : {HOME: home}), PWD: appFolder}
}

/** What the dyno's shell has to limit, where no cgroup does: never where the kernel would count other dynos and the user's own. */
export function processLimit({machine, variant}: SandboxParts, {size}: DynoSpec, {countsProcesses}: Room): {readonly processes?: number} {
  if (size === undefined || countsProcesses || !variant.hasUserNamespace || !machine.countsProcessesPerNamespace) return {}
  return {processes: size.processes}
}
