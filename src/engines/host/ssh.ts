import {execFile} from 'node:child_process'
import {readdir} from 'node:fs/promises'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {type Dial, dialProgram} from '../../lib/dial.ts'

export type SshOptions = {
  /** `homeport@i-0123`, or an address. */
  readonly target: string
  /** Options of ssh beside our own: identity, proxy, configuration file. */
  readonly words: readonly string[]
  /** A private folder for the shared connection; its path is short. */
  readonly controlFolder: string
  readonly env: Readonly<Record<string, string>>
}

/** Connections to the Docker API of a host by ssh: the first one logs in, further ones share its way. */
export function sshDial({target, words, controlFolder, env}: SshOptions): Dial {
  const options = ['BatchMode=yes', 'ConnectTimeout=5', 'ServerAliveInterval=2', 'ServerAliveCountMax=3', 'LogLevel=ERROR']
  const shared = ['ControlMaster=auto', `ControlPath=${controlFolder}/%C`, 'ControlPersist=20']
  const all = [...options, ...shared].map(option => `-o${option}`)
  return dialProgram('ssh', [...words, ...all, target, 'docker', 'system', 'dial-stdio'], env)
}

/** Ends the shared connections whose sockets lie in `controlFolder`; by themselves they would stay for a while. */
export async function closeShared(controlFolder: string, env: Readonly<Record<string, string>>): Promise<void> {
  const sockets = (await readdir(controlFolder, {withFileTypes: true})).filter(entry => entry.isSocket())
  await Promise.all(
    sockets.map(({name}) =>
      promisify(execFile)('ssh', ['-F', '/dev/null', '-O', 'exit', '-S', join(controlFolder, name), 'host'], {env: {...env}}).catch(
        () => {},
      ),
    ),
  )
}
