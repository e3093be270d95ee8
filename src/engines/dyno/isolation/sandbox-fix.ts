import {existsSync, readFileSync} from 'node:fs'
import type {Machine} from './machine.ts'

/** Why a sandbox cannot be had, and the command that mends it. */
export type Complaint = {readonly reason: string; readonly fix: string}

/** Package managers by the file that tells them apart. */
const installers = [
  ['/usr/bin/apt-get', 'apt-get install -y'],
  ['/usr/bin/dnf', 'dnf install -y'],
  ['/usr/bin/yum', 'yum install -y'],
  ['/usr/bin/zypper', 'zypper install -y'],
  ['/usr/bin/pacman', 'pacman -S --noconfirm'],
  ['/sbin/apk', 'apk add'],
] as const

/** The command that installs a package here; `sudo` in front of it for a user. */
export function installCommand(name: string, isRoot: boolean, exists: (path: string) => boolean): string {
  const install = installers.find(([file]) => exists(file))?.[1] ?? 'install the package'
  return `${isRoot ? '' : 'sudo '}${install} ${name}`
}

/** Switches of the kernel that forbid user namespaces: file, the value that forbids, and what to set instead. */
const switches = [
  {
    name: 'kernel.apparmor_restrict_unprivileged_userns',
    forbids: '1',
    mend: '0',
    reason: 'AppArmor keeps bubblewrap from making user namespaces',
  },
  {name: 'kernel.unprivileged_userns_clone', forbids: '0', mend: '1', reason: 'this kernel lets only root make user namespaces'},
  {name: 'user.max_user_namespaces', forbids: '0', mend: '15000', reason: 'user namespaces are switched off'},
] as const

export type SwitchReader = (name: string) => string | undefined

/**
 * What the words of a failed try mean. The switches are read only now, to explain: whether a sandbox can be had is found out by
 * trying, never by them.
 */
export function explainSandboxFailure(machine: Machine, output: string, readSwitch: SwitchReader = readSysctl): Complaint {
  const sudo = machine.uid === 0 ? '' : 'sudo '
  const off = switches.find(({name, forbids}) => readSwitch(name) === forbids)
  const said = output.trim().split('\n').at(-1) ?? ''
  if (off !== undefined) return {reason: off.reason, fix: `${sudo}sysctl -w ${off.name}=${off.mend}`}
  if (/No space left on device/i.test(said)) {
    return {reason: 'the limit of user namespaces is reached', fix: `${sudo}sysctl -w user.max_user_namespaces=15000`}
  }
  if (/Operation not permitted|Permission denied|No permissions|not permitted/i.test(said)) {
    return {
      reason: `this container or kernel forbids it (“${said}”)`,
      fix: 'start the container with `--security-opt seccomp=unconfined --security-opt apparmor=unconfined --security-opt systempaths=unconfined`, or on a machine of its own',
    }
  }
  return {
    reason: said === '' ? 'bubblewrap gave no answer' : `bubblewrap said “${said}”`,
    fix: `${installCommand('bubblewrap', machine.uid === 0, existsSync)} (0.8 or newer)`,
  }
}

function readSysctl(name: string): string | undefined {
  try {
    return readFileSync(`/proc/sys/${name.replaceAll('.', '/')}`, 'utf8').trim()
  } catch {
    return undefined
  }
}
