import {type Argv, type LaunchStep, launchFailureCode, launchFailurePrefix} from './launch-step.ts'

/** The programs that stand in for perl, by their paths, as the PATH at hand is the dyno's and some of them run as root. */
export type LaunchTools = Readonly<Record<'sh' | 'unshare' | 'mount' | 'setpriv' | 'mkdir', string>>

/**
 * Carries out `steps` with sh and the tools of util-linux, then becomes `program`: the same as `launchWithPerl`, some
 * milliseconds slower for a sandbox, for machines without perl.
 */
export function launchWithTools(tools: LaunchTools, steps: readonly LaunchStep[], program: Argv): Argv {
  const at = steps.findIndex(({step}) => step === 'own-mounts')
  const ownMounts = steps[at]
  if (ownMounts?.step !== 'own-mounts') return runScript(tools, steps, program)
  const inner = runScript(tools, steps.slice(at + 1), program)
  const user = ownMounts.asRoot ? [] : ['--user', '--map-root-user']
  const args = [...user, '--mount', '--propagation', 'private', '--', inner.file, ...inner.args]
  return runScript(tools, steps.slice(0, at), {file: tools.unshare, args})
}

function runScript(tools: LaunchTools, steps: readonly LaunchStep[], program: Argv): Argv {
  const flags = steps.flatMap(privilegeFlags)
  const behind = flags.length === 0 ? program : {file: tools.setpriv, args: [...flags, '--', program.file, ...program.args]}
  const lines = steps.flatMap(step => scriptLine(step, tools) ?? [])
  if (lines.length === 0) return behind
  const checked = lines.map(
    line => `${line} || { echo ${quote(`${launchFailurePrefix}failed: ${line}`)} >&2; exit ${launchFailureCode}; }\n`,
  )
  return {file: tools.sh, args: ['-c', `${checked.join('')}exec "$0" "$@"`, behind.file, ...behind.args]}
}

function scriptLine(step: LaunchStep, {mount, mkdir}: LaunchTools): string | undefined {
  switch (step.step) {
    case 'join':
      return `echo $$ >${quote(`${step.cgroup}/cgroup.procs`)}`
    case 'limit':
      return limitLine(step.of === 'open-files' ? ['-n'] : ['-u', '-p'], step.to)
    case 'mount-tmpfs':
      return `${quote(mount)} -t tmpfs -o nosuid,nodev,mode=0755 homeport ${quote(step.at)}`
    case 'folder':
      return `${quote(mkdir)} ${quote(step.path)}`
    case 'file':
      return `: >${quote(step.path)}`
    case 'mount-bind':
      return `${quote(mount)} --rbind ${quote(step.from)} ${quote(step.at)}`
    case 'mount-overlay':
      return `(cd ${quote(step.in)} && exec ${quote(mount)} -t overlay -o ${quote(`nosuid,nodev,${step.options}`)} homeport ${quote(step.at)})`
    case 'open':
      // Without the test a file that is not there would end the shell before it can say so.
      return `[ -r ${quote(step.file)} ] && exec ${step.descriptor}<${quote(step.file)}`
    case 'enter-folder':
      return `cd ${quote(step.path)}`
    case 'own-mounts':
    case 'become':
    case 'die-with-parent':
    case 'no-new-rights':
      return undefined
  }
}

/** dash knows `-p` for what bash calls `-u`. A hard limit that is lower already stays. */
function limitLine(flags: readonly string[], to: number): string {
  const tries = flags.map(
    flag =>
      `{ hard=$(ulimit -H ${flag} 2>/dev/null) && { [ "$hard" != unlimited ] && [ "$hard" -le ${to} ] || ulimit ${flag} ${to} 2>/dev/null; }; }`,
  )
  return tries.join(' || ')
}

function privilegeFlags(step: LaunchStep): readonly string[] {
  switch (step.step) {
    case 'become':
      return [`--reuid=${step.uid}`, `--regid=${step.gid}`, '--clear-groups', '--inh-caps=-all', '--bounding-set=-all']
    case 'no-new-rights':
      return ['--no-new-privs']
    case 'die-with-parent':
      return ['--pdeathsig=KILL']
    default:
      return []
  }
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`
}
