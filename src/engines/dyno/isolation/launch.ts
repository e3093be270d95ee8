import type {Argv, LaunchStep} from './launch-step.ts'
import type {Machine} from './machine.ts'
import {launchWithPerl, perlArchitecture} from './perl-launcher.ts'
import {launchWithTools} from './tool-launcher.ts'

/** Carries out steps, then becomes the program; without steps that is the program itself. */
export type Launch = (steps: readonly LaunchStep[], program: Argv) => Argv

export type LauncherKind = 'perl' | 'tools'

/** The launchers that this machine has, the faster one first. */
export function launchersOf(machine: Machine): readonly LauncherKind[] {
  const {tools, arch, platform} = machine
  const hasPerl = platform === 'linux' && tools.perl !== undefined && perlArchitecture(arch) !== undefined
  return [...(hasPerl ? ['perl' as const] : []), 'tools']
}

export function launcher(machine: Machine, kind: LauncherKind): Launch {
  const {tools, arch} = machine
  const architecture = perlArchitecture(arch)
  return (steps, program) => {
    if (steps.length === 0) return program
    if (kind === 'perl' && tools.perl !== undefined && architecture !== undefined) {
      return launchWithPerl(tools.perl, architecture, steps, program)
    }
    const {sh = '/bin/sh', unshare = 'unshare', mount = 'mount', setpriv = 'setpriv', mkdir = 'mkdir'} = tools
    return launchWithTools({sh, unshare, mount, setpriv, mkdir}, steps, program)
  }
}
