import {type ChildProcessByStdio, execFile, spawn} from 'node:child_process'
import {mkdirSync} from 'node:fs'
import {join} from 'node:path'
import type {Readable} from 'node:stream'
import {fileURLToPath} from 'node:url'
import {promisify} from 'node:util'
import {program, type RunResult, homeport as runProgram} from '../homeport.ts'
import {Ec2} from './ec2.ts'
import {makeSlug, webProgram} from './make-slug.ts'
import {Moto, motoEnv} from './moto.ts'
import {cacheFolder, Rig, rigAddress} from './rig.ts'

const root = fileURLToPath(new URL('../../..', import.meta.url))

/** A cloud of test hosts and the command line in front of it, as a user has them. */
export class TestPool {
  readonly rig: Rig
  readonly ec2: Ec2
  readonly env: Readonly<Record<string, string>>
  readonly #moto: Moto

  private constructor({rig, ec2, moto, env}: {rig: Rig; ec2: Ec2; moto: Moto; env: Readonly<Record<string, string>>}) {
    this.rig = rig
    this.ec2 = ec2
    this.env = env
    this.#moto = moto
  }

  /** Builds the single binary, which hosts run. */
  static async open(): Promise<TestPool> {
    Object.assign(process.env, motoEnv)
    const rig = await Rig.create()
    const binary = join(rig.folder, 'homeport')
    await promisify(execFile)(process.execPath, [join(root, 'scripts/build.ts'), '--output', binary], {cwd: root})
    const moto = await Moto.start(rigAddress)
    const ec2 = new Ec2({rig, moto, role: 'homeport-demo-host'})
    const home = join(rig.folder, 'home')
    mkdirSync(home, {mode: 0o700})
    const env = {
      ...motoEnv,
      AWS_ENDPOINT_URL: moto.endpoint,
      HOMEPORT_POOL_PROGRAM: binary,
      HOMEPORT_POOL_SSH_CONFIG: rig.writeSshConfig(),
      HOMEPORT_HOME: home,
      NO_COLOR: '1',
    }
    return new TestPool({rig, ec2, moto, env})
  }

  run(...args: readonly string[]): Promise<RunResult> {
    return runProgram(args, {env: this.env, cwd: this.rig.folder})
  }

  /** Runs a command that must succeed, and gives its document. */
  async json<T>(...args: readonly string[]): Promise<T> {
    const {code, stdout, stderr} = await this.run(...args, '--json')
    if (code !== 0) throw new Error(`homeport ${args.join(' ')} ended with ${code}:\n${stdout}${stderr}`)
    return JSON.parse(stdout) as T
  }

  /** Runs a command to its end; and how long it went on after `mark` was on stderr. */
  async runAfter(
    mark: RegExp,
    args: readonly string[],
    more: Readonly<Record<string, string>> = {},
  ): Promise<{readonly code: number | null; readonly stderr: string; readonly afterMs: number}> {
    const child = this.spawn(args, more)
    let stderr = ''
    let markedAt: number | undefined
    child.stderr.on('data', chunk => {
      stderr += chunk
      if (mark.test(stderr)) markedAt ??= Date.now()
    })
    const code = await new Promise<number | null>(resolve => child.on('close', resolve))
    return {code, stderr, afterMs: Date.now() - (markedAt ?? Date.now())}
  }

  spawn(args: readonly string[], more: Readonly<Record<string, string>> = {}): ChildProcessByStdio<null, Readable, Readable> {
    const {PATH = '', HOME = ''} = process.env
    return spawn(program, args, {cwd: this.rig.folder, env: {PATH, HOME, ...this.env, ...more}, stdio: ['ignore', 'pipe', 'pipe']})
  }

  /** Runs a command and kills it with SIGKILL as soon as `isTime` says so of what it wrote to stderr. Whether it was killed. */
  async killAt(isTime: (stderr: string) => boolean, ...args: readonly string[]): Promise<boolean> {
    const child = this.spawn(args)
    child.stdout.resume()
    let stderr = ''
    child.stderr.on('data', chunk => {
      stderr += chunk
      if (isTime(stderr)) child.kill('SIGKILL')
    })
    return await new Promise(resolve => child.on('close', (_, signal) => resolve(signal === 'SIGKILL')))
  }

  create(size = 3): Promise<{readonly hosts: readonly {state: string; isManager: boolean}[]; readonly monthlyUsd: number}> {
    const archive = join(cacheFolder(), 'stack.tar')
    return this.json('pool:create', 'demo', '--size', String(size), '--stack-archive', archive, '--host-image', 'ami-12c6146b', '--yes')
  }

  /** A slug of the test program in the store of this machine. */
  async importSlug(name: string, more: Readonly<Record<string, string | Buffer>> = {}): Promise<string> {
    const slug = await makeSlug(this.rig.folder, name, {'web.pl': webProgram, Procfile: 'web: perl web.pl\nworker: sleep 6000\n', ...more})
    return (await this.json<{slug: string}>('slugs:import', slug.tar)).slug
  }

  get addresses(): readonly string[] {
    return [...this.ec2.machines.values()].map(({host}) => host.address)
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.ec2[Symbol.asyncDispose]()
    await this.#moto[Symbol.asyncDispose]()
    await this.rig[Symbol.asyncDispose]()
  }
}

/** The flags that name an app on the test pool. */
export const onPool = (app = 'shop'): readonly string[] => ['--target', 'ec2', '--pool', 'demo', '--app', app]
