import {execFile} from 'node:child_process'
import {mkdirSync, readFileSync, writeFileSync} from 'node:fs'
import {join} from 'node:path'
import {promisify} from 'node:util'
import {RigHost, type RigHostOptions} from './rig-host.ts'

const run = promisify(execFile)
/** Where hosts live: the network of the default VPC that moto has. */
const bits = 16

/** What scripts/test-pool made before it started the tests. */
function ownVariable(name: string): string {
  const value = process.env[name]
  if (value === undefined) throw new Error(`${name} is not set: run the tests of the pool with \`npm run test:pool\`.`)
  return value
}

export const cacheFolder = (): string => ownVariable('HOMEPORT_POOL_CACHE')
/** The address of the tests themselves in the hosts' network. */
export const rigAddress = '172.31.255.1'

/** Test hosts on one bridge, in the network namespace of this process, which has no way out. */
export class Rig {
  readonly hosts: RigHost[] = []
  readonly folder: string
  readonly #name: string

  private constructor(name: string, folder: string) {
    this.#name = name
    this.folder = folder
  }

  /** Files of several test runs in one process share the bridge, one after the other. */
  static async create(): Promise<Rig> {
    const folder = join(ownVariable('HOMEPORT_RIG_RUN'), `hosts-${process.pid}`)
    mkdirSync(folder, {recursive: true})
    const rig = new Rig(ownVariable('HOMEPORT_RIG'), folder)
    await run('ip', ['link', 'add', 'br0', 'type', 'bridge'])
    await run('ip', ['addr', 'add', `${rigAddress}/${bits}`, 'dev', 'br0'])
    await run('ip', ['link', 'set', 'br0', 'up'])
    await run('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', join(folder, 'key')])
    return rig
  }

  /** A new machine, switched on. */
  async boot(name: string, address: string, more: Partial<Pick<RigHostOptions, 'userData' | 'memoryBytes'>> = {}): Promise<RigHost> {
    const host = new RigHost({
      name,
      address,
      bits,
      gateway: rigAddress,
      folder: this.folder,
      image: join(cacheFolder(), 'image'),
      rig: this.#name,
      publicKey: readFileSync(join(this.folder, 'key.pub'), 'utf8'),
      privateKeyFile: join(this.folder, 'key'),
      ...more,
    })
    this.hosts.push(host)
    await host.boot()
    return host
  }

  /** A configuration of ssh that reaches every host as root. */
  writeSshConfig(): string {
    const file = join(this.folder, 'ssh-config')
    const lines = [
      'Host *',
      'User root',
      `IdentityFile ${join(this.folder, 'key')}`,
      'StrictHostKeyChecking no',
      'UserKnownHostsFile /dev/null',
      '',
    ]
    writeFileSync(file, lines.join('\n'))
    return file
  }

  host(name: string): RigHost {
    const found = this.hosts.find(host => host.name === name)
    if (found === undefined) throw new Error(`The rig has no host ${name}.`)
    return found
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all(this.hosts.map(host => host.dispose()))
    await run('ip', ['link', 'del', 'br0']).catch(() => {})
  }
}
