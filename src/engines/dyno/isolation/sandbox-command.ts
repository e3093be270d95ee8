import {join} from 'node:path'
import {openFilesLimit} from '../../../model/dyno-size.ts'
import {sandboxUser} from '../../../model/dyno-user.ts'
import type {Room, View} from './isolation.ts'
import type {Argv, LaunchStep} from './launch-step.ts'
import {descriptors, sandboxArgs} from './sandbox-args.ts'
import type {SandboxParts} from './sandbox-parts.ts'

/**
 * Where root puts what bubblewrap is to show, since bubblewrap runs as the dyno's user, for whom Homeport's folders are closed:
 * in a mount namespace of its own any folder will do that always is there and that no sandbox needs.
 */
const stage = '/sys'

export type SandboxCommandOptions = {
  /** Absolute, as the program sees it. */
  readonly workingFolder: string
  readonly hasTerminal: boolean
  readonly network: 'shared' | 'none'
}

/** The chain from the spawned process to `program` inside the sandbox of `room`. */
export function sandboxCommand(
  {machine, launch, variant, files}: SandboxParts,
  room: Room,
  program: Argv,
  options: SandboxCommandOptions,
): Argv {
  const isRoot = machine.uid === 0
  const isStaged = isRoot && variant.hasUserNamespace
  const user = room.user ?? sandboxUser
  const {steps, views} = isStaged ? stageViews(room.views) : mountViews(room.views, isRoot)
  const needsMounts = steps.length > 0
  const inputs = {
    [descriptors.seccomp]: files.seccomp,
    [descriptors.passwd]: files.passwd,
    [descriptors.group]: files.group,
    ...room.inputs,
  }
  const shape = {...options, machine, hasUserNamespace: variant.hasUserNamespace, views}
  const inside = isRoot && !variant.hasUserNamespace ? launch([{step: 'become', ...user}, {step: 'no-new-rights'}], program) : program
  return launch(
    [
      ...room.cgroups.map(cgroup => ({step: 'join', cgroup}) as const),
      {step: 'limit', of: 'open-files', to: openFilesLimit},
      ...(needsMounts ? [{step: 'own-mounts', asRoot: isRoot} as const] : []),
      ...steps,
      ...Object.entries(inputs).map(([descriptor, file]) => ({step: 'open', descriptor: Number(descriptor), file}) as const),
      ...(isStaged ? [{step: 'become', ...user} as const] : []),
    ],
    {
      file: machine.tools.bwrap ?? 'bwrap',
      args: [...sandboxArgs({...shape, tellsMemory: descriptors.memoryLimit in room.inputs}), '--', inside.file, ...inside.args],
    },
  )
}

type Mounted = {readonly steps: readonly LaunchStep[]; readonly views: readonly View[]}

/** Everything is mounted below the stage, where the dyno's user can reach it. */
function stageViews(views: readonly View[]): Mounted {
  const staged = views.map((view, index) => ({...view, at: join(stage, String(index))}))
  return {
    steps: [
      {step: 'mount-tmpfs', at: stage},
      ...staged.flatMap(({kind, source, at}): LaunchStep[] => [
        {step: kind === 'file' ? 'file' : 'folder', path: at},
        kind === 'overlay' ? overlayStep(source, at, true) : {step: 'mount-bind', from: source, at},
      ]),
    ],
    views: staged.map(({at, ...view}) => ({...view, source: at})),
  }
}

/** Only copy-on-write disks need a mount; bubblewrap reaches everything else where it is. */
function mountViews(views: readonly View[], asRoot: boolean): Mounted {
  return {
    steps: views.flatMap(({kind, source}): LaunchStep[] => (kind === 'overlay' ? [overlayStep(source, join(source, 'app'), asRoot)] : [])),
    views: views.map(view => (view.kind === 'overlay' ? {...view, source: join(view.source, 'app')} : view)),
  }
}

/**
 * `volatile`: nothing of a dyno's disk outlives it, so nothing has to be synced (and its end does not wait for the disk).
 * `redirect_dir`: folders of the slug can be renamed; a user may not have that, and his programs get EXDEV, as in Docker.
 */
function overlayStep(room: string, at: string, asRoot: boolean): LaunchStep {
  const options = ['lowerdir=lower', 'upperdir=upper', 'workdir=work', 'volatile', asRoot ? 'redirect_dir=on' : 'userxattr']
  return {step: 'mount-overlay', in: room, at, options: options.join(',')}
}
