import type {CommandLine, DynoSpec} from '../../../model/dyno.ts'
import {openFilesLimit} from '../../../model/dyno-size.ts'
import {sandboxUser} from '../../../model/dyno-user.ts'
import {HomeportError} from '../../../model/error.ts'
import {commandArgv, keepVariables} from './boot-script.ts'
import type {EnterRequest, Room} from './isolation.ts'
import {enterWithPerl} from './perl-enter.ts'
import {perlArchitecture} from './perl-launcher.ts'
import {insideUid} from './sandbox-files.ts'
import {processLimit, type SandboxParts, sandboxEnv} from './sandbox-parts.ts'

/** `ps:exec`: a command in the namespaces of a sandboxed dyno, with its user, its system calls and its limits. */
export function enterSandbox(parts: SandboxParts, spec: DynoSpec, room: Room, request: EnterRequest): CommandLine {
  const {machine, variant, files} = parts
  const architecture = perlArchitecture(machine.arch)
  const {perl} = machine.tools
  if (perl === undefined || architecture === undefined) {
    throw new HomeportError('ISOLATION_UNAVAILABLE', `Entering the sandbox of ${spec.name} needs perl.`, {
      hint: 'Install perl; dynos that run may stay up.',
    })
  }
  const env = keepVariables(sandboxEnv(request.env, room))
  const processes = processLimit(parts, spec, room)
  const [file = '', ...args] = commandArgv(request.command, machine.systemShell, {
    env,
    isLogin: spec.slugFolder !== undefined,
    ...processes,
  })
  const asRoot = machine.uid === 0
  const inside = {uid: insideUid, gid: insideUid}
  const plan = {
    pid: request.pid,
    asRoot,
    hasUserNamespace: variant.hasUserNamespace,
    user: variant.hasUserNamespace ? inside : (room.user ?? sandboxUser),
    folder: room.appFolder,
    seccomp: files.seccomp,
    openFiles: openFilesLimit,
    cgroups: room.cgroups,
  }
  return {...enterWithPerl(perl, architecture, plan, {file, args}), env, cwd: '/'}
}
