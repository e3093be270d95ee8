import {execFile} from 'node:child_process'
import {mkdtemp, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {promisify} from 'node:util'
import type {Aws} from '../../engines/cloud/aws/aws.ts'
import type {Instance} from '../../engines/cloud/aws/pool-hosts.ts'
import {closeShared, sshDial} from '../../engines/host/ssh.ts'
import type {Manager} from '../../engines/pool/swarm/docker-api.ts'
import {findProgram} from '../../lib/find-program.ts'
import {privateFolder} from '../../lib/private-folder.ts'
import {HomeportError} from '../../model/error.ts'

export type ConnectOptions = {
  readonly aws: Aws
  /** Reach hosts by ssh with this configuration at their private addresses, instead of by SSM. */
  readonly sshConfig: string | undefined
  /** The argv that starts this program again. */
  readonly self: readonly string[]
  /** A private folder whose path is short: for sockets of ssh. */
  readonly folder: string
  readonly env: Readonly<Record<string, string>>
}

/** Who logs in on hosts; user data makes it. */
export const hostUser = 'homeport'
const plugin = 'session-manager-plugin'

/**
 * Ways to the engines of hosts: by ssh through a session of SSM, with a key of this run that EC2 Instance Connect lets in for each
 * connection; nothing listens to the outside, and no host is asked before it is talked to. Rejects with TOOL_MISSING (exit 5) without
 * the user's `session-manager-plugin`.
 */
export async function connectHosts(
  instances: readonly Instance[],
  options: ConnectOptions,
): Promise<AsyncDisposable & {readonly managers: readonly Manager[]}> {
  const {sshConfig, env} = options
  requireProgram('ssh', env, 'Install OpenSSH (`apt-get install openssh-client`).')
  const folder = await mkdtemp(join(privateFolder(options.folder), 's'))
  const dispose = async () => {
    await closeShared(folder, env)
    await rm(folder, {recursive: true, force: true})
  }
  if (sshConfig !== undefined) {
    const managers = instances.map(({id, privateAddress}) => ({
      name: id,
      address: privateAddress,
      dial: sshDial({target: privateAddress, words: ['-F', sshConfig], controlFolder: folder, env}),
    }))
    return {managers, [Symbol.asyncDispose]: dispose}
  }
  const words = await sessionWords(folder, options)
  // The proxy that ssh starts asks AWS where this run does, whatever said so.
  const proxyEnv = {...env, AWS_REGION: options.aws.region}
  const managers = instances.map(({id, privateAddress}) => ({
    name: id,
    address: privateAddress,
    dial: sshDial({target: `${hostUser}@${id}`, words, controlFolder: folder, env: proxyEnv}),
  }))
  return {managers, [Symbol.asyncDispose]: dispose}
}

/** Options of ssh for hosts behind SSM, with a key that its proxy has let in. */
async function sessionWords(folder: string, {self, env}: ConnectOptions): Promise<readonly string[]> {
  requireProgram(
    plugin,
    env,
    'Install it: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html',
  )
  requireProgram('ssh-keygen', env, 'Install OpenSSH (`apt-get install openssh-client`).')
  const key = join(folder, 'k')
  await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key], {env: {...env}})
  // ssh starts it by a shell: every word is quoted, but for what ssh itself puts in.
  const quoted = (word: string) => `'${word.replaceAll("'", "'\\''").replaceAll('%', '%%')}'`
  const proxy = [...[...self, '__ssm-proxy'].map(quoted), '%h', quoted(`${key}.pub`)].join(' ')
  return [
    '-F',
    '/dev/null',
    '-i',
    key,
    '-oIdentitiesOnly=yes',
    '-oStrictHostKeyChecking=no',
    '-oUserKnownHostsFile=/dev/null',
    `-oProxyCommand=${proxy}`,
  ]
}

function requireProgram(name: string, env: Readonly<Record<string, string>>, hint: string): void {
  if (findProgram(name, {path: env['PATH'] ?? '', folder: '/'}) === undefined)
    throw new HomeportError('TOOL_MISSING', `${name} is not installed, and hosts of the pool are reached through it.`, {hint})
}
