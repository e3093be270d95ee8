import {execFile} from 'node:child_process'
import {mkdtemp, readFile, rm} from 'node:fs/promises'
import {join} from 'node:path'
import {promisify} from 'node:util'
import type {Aws} from '../../engines/cloud/aws/aws.ts'
import type {Instance} from '../../engines/cloud/aws/pool-hosts.ts'
import {sendPublicKey} from '../../engines/cloud/aws/ssm-session.ts'
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

const user = 'homeport'
const plugin = 'session-manager-plugin'

/**
 * Ways to the engines of hosts: by ssh through a session of SSM, with a key for this run that EC2 Instance Connect lets in for a
 * minute; nothing listens to the outside. Rejects with TOOL_MISSING (exit 5) without the user's `session-manager-plugin`.
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
  const words = await sessionWords(instances, folder, options)
  const managers = instances.map(({id, privateAddress}) => ({
    name: id,
    address: privateAddress,
    dial: sshDial({target: `${user}@${id}`, words, controlFolder: folder, env}),
  }))
  return {managers, [Symbol.asyncDispose]: dispose}
}

/** Options of ssh for hosts behind SSM, with a key that is let in for a minute. */
async function sessionWords(instances: readonly Instance[], folder: string, {aws, self, env}: ConnectOptions): Promise<readonly string[]> {
  requireProgram(
    plugin,
    env,
    'Install it: https://docs.aws.amazon.com/systems-manager/latest/userguide/session-manager-working-with-install-plugin.html',
  )
  requireProgram('ssh-keygen', env, 'Install OpenSSH (`apt-get install openssh-client`).')
  const key = join(folder, 'k')
  await promisify(execFile)('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key], {env: {...env}})
  const publicKey = await readFile(`${key}.pub`, 'utf8')
  await Promise.all(
    instances.map(({id, zone}) => sendPublicKey(aws, {instance: id, zone, user, publicKey}).catch(ignoreOne(instances.length))),
  )
  // ssh starts it by a shell: every word is quoted.
  const proxy = [...self, '__ssm-proxy', '%h'].map(word => (word === '%h' ? word : `'${word.replaceAll("'", "'\\''")}'`)).join(' ')
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

/** One host that is not there yet does not keep us from the others; when it is the only one its error counts. */
function ignoreOne(count: number): (error: unknown) => void {
  return error => {
    if (count === 1) throw error
  }
}

function requireProgram(name: string, env: Readonly<Record<string, string>>, hint: string): void {
  if (findProgram(name, {path: env['PATH'] ?? '', folder: '/'}) === undefined)
    throw new HomeportError('TOOL_MISSING', `${name} is not installed, and hosts of the pool are reached through it.`, {hint})
}
