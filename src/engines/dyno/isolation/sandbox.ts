import type {CommandLine} from '../../../model/dyno.ts'
import {commandArgv, keepVariables} from './boot-script.ts'
import {withGrace} from './grace.ts'
import type {Isolation} from './isolation.ts'
import {inSandbox, prepareSandboxBuild} from './sandbox-build.ts'
import {sandboxCommand} from './sandbox-command.ts'
import {enterSandbox} from './sandbox-enter.ts'
import {processLimit, type SandboxParts, sandboxEnv} from './sandbox-parts.ts'
import {prepareSandboxRoom} from './sandbox-room.ts'

/** The strongest tier: bubblewrap with the files, processes, /tmp and /app of the dyno alone (platform.md c.7). */
export function sandboxIsolation(parts: SandboxParts): Isolation {
  const {machine} = parts
  return {
    tier: 'sandbox',
    helperGenerations: 2,
    prepare: (spec, place) => prepareSandboxRoom(parts, spec, place),
    wrap(spec, room): CommandLine {
      const env = keepVariables(sandboxEnv(spec.env, room))
      const processes = processLimit(parts, spec, room)
      const [file = '', ...args] = commandArgv(spec.command, machine.systemShell, {
        env,
        isLogin: spec.slugFolder !== undefined,
        ...processes,
      })
      const hasTerminal = spec.hasTerminal === true
      const options = {workingFolder: room.appFolder, hasTerminal, network: 'shared'} as const
      // A terminal's foreground belongs to the program alone.
      const program = hasTerminal ? {file, args} : withGrace({file, args})
      return {...sandboxCommand(parts, room, program, options), env, cwd: '/'}
    },
    enter: (spec, room, request) => enterSandbox(parts, spec, room, request),
    prepareBuild: (build, place) => prepareSandboxBuild(parts, build, place),
    wrapBuild: (build, room, command) => inSandbox(parts, build, room, command),
  }
}
